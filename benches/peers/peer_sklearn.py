"""scikit-learn: the confusion matrix at every distinct score of the labelled rows.

It is the step that `precision_recall_curve` begins with, without the two divisions after it. It
sees labelled rows only, so it answers `labelled` and `errors` and cannot answer the rest. It bins
nothing and compares scores with thresholds, which checks the bins of the other peers as well.
"""

import json

import numpy
from sklearn.metrics import confusion_matrix_at_thresholds

from peer_pandas import read
from question import THRESHOLDS, peer_arguments


def main():
    arguments = peer_arguments()
    if arguments.by or arguments.value:
        raise SystemExit("scikit-learn answers the overall question without the value only")
    frame = read(arguments.log, ["score", "decision", "human"])
    frame = frame[frame["human"].notna()]
    wrong = (frame["decision"] != frame["human"]).to_numpy(dtype=bool)
    _, right_above, _, wrong_above, scores = confusion_matrix_at_thresholds(
        wrong, frame["score"].to_numpy()
    )
    # The scores fall; the last one that still reaches the threshold holds its running counts.
    reaching = numpy.searchsorted(-scores, -numpy.array(THRESHOLDS), side="right")
    errors = numpy.concatenate([[0], wrong_above])[reaching]
    labelled = errors + numpy.concatenate([[0], right_above])[reaching]
    answer = {"labelled": labelled.astype(int).tolist(), "errors": errors.astype(int).tolist()}
    print(json.dumps({"": answer}))


if __name__ == "__main__":
    main()
