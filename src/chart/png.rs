//! The PNG: the SVG of a chart turned into pixels, at twice its density.
//!
//! It must come out the same on every machine, so no font of the machine is
//! looked at. The one font is Ubuntu Light, Ubuntu Font Licence 1.0, taken from
//! the crate `epaint_default_fonts` (MIT or Apache-2.0, with the fonts under
//! OFL-1.1 and Ubuntu-font-1.0). The licence allows bundling; it asks that its
//! text goes along, which the notices of third parties must do.
//!
//! Scripts that the font lacks (Chinese, Arabic, emoji) come out as empty
//! boxes here; in the SVG the reader's own fonts show them.

use std::sync::Arc;

use epaint_default_fonts::UBUNTU_LIGHT;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::ChartError;

/// Pixels of the PNG for each pixel of the SVG.
const DENSITY: f32 = 2.0;

/// The name under which the font presents itself.
const FAMILY: &str = "Ubuntu";

/// Turns the SVG of a chart into a PNG of twice its width and height.
///
/// # Errors
/// [`ChartError::Png`] if the text is no SVG, or too large a picture.
pub fn png(svg: &str) -> Result<Vec<u8>, ChartError> {
    let tree = Tree::from_str(svg, &options()).map_err(|error| refused(&error))?;
    let size = tree
        .size()
        .to_int_size()
        .scale_by(DENSITY)
        .ok_or_else(|| refused(&"the picture has no size"))?;
    let mut pixels = Pixmap::new(size.width(), size.height())
        .ok_or_else(|| refused(&"the picture is too large"))?;
    let scale = Transform::from_scale(DENSITY, DENSITY);
    resvg::render(&tree, scale, &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| refused(&error))
}

fn options() -> Options<'static> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(UBUNTU_LIGHT.to_vec());
    fonts.set_sans_serif_family(FAMILY);
    let mut options = Options {
        font_family: FAMILY.to_owned(),
        fontdb: Arc::new(fonts),
        ..Options::default()
    };
    // A chart holds no picture; what a text might name is never opened.
    options.image_href_resolver.resolve_string = Box::new(|_, _| None);
    options
}

fn refused(reason: &impl ToString) -> ChartError {
    ChartError::Png {
        reason: reason.to_string(),
    }
}
