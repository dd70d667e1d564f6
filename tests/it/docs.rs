//! The documentation as tests: every console block of README.md and docs/ runs from the root of the
//! repository and prints what it shows.

#[test]
fn the_documents_show_what_really_happens() {
    trycmd::TestCases::new().case("README.md").case("docs/*.md");
}
