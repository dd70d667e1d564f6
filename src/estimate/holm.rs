//! Several p-values at once: Holm's step-down adjustment. It must not choose which belong together.

/// p-values adjusted for their number, in the order given: rejecting those at most alpha rejects a
/// true hypothesis with probability at most alpha, whatever their dependence (Holm 1979).
///
/// NaN counts as 1, so it never rejects.
#[must_use]
pub fn adjusted(p_values: &[f64]) -> Vec<f64> {
    let sound = |p: f64| if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) };
    let mut order: Vec<(usize, f64)> = p_values.iter().map(|p| sound(*p)).enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, (place, p)) in order.into_iter().enumerate() {
        let left = (p_values.len() - rank) as f64;
        largest = largest.max((p * left).min(1.0));
        if let Some(slot) = adjusted.get_mut(place) {
            *slot = largest;
        }
    }
    adjusted
}
