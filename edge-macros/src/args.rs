//! The arguments, each with its span.

use edge_build::Config;
use edge_build::diag::Argument;
use edge_build::suggest::nearest;
use proc_macro2::Span;
use quote::ToTokens;
use std::path::PathBuf;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, LitStr, Path, Token};

/// All arguments but the path of the model.
const KNOWN: [&str; 9] = [
    "target",
    "quant",
    "rounding",
    "optimize",
    "pin",
    "calibration",
    "name",
    "shapes",
    "crate",
];

/// What stands between the parentheses.
#[derive(Default)]
pub(crate) struct Args {
    model: Option<LitStr>,
    strings: Vec<(Ident, LitStr)>,
    core: Option<(Ident, Path)>,
    error: Option<Error>,
}

impl Parse for Args {
    /// Reads on behind errors, so that all of them are shown and the name of the type is known.
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let mut args = Self::default();
        if let Err(error) = args.read(input) {
            args.fail(error);
            // What follows cannot be understood.
            input.parse::<proc_macro2::TokenStream>()?;
        }
        Ok(args)
    }
}

impl Args {
    fn read(&mut self, input: ParseStream<'_>) -> Result<(), Error> {
        if !input.peek(LitStr) {
            return Err(input.error(
                "the path of the model is missing: `include_model!(\"net.onnx\", target = \"stm32h7\")`",
            ));
        }
        self.model = Some(input.parse()?);
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if !input.is_empty() {
                self.read_argument(input)?;
            }
        }
        Ok(())
    }

    fn read_argument(&mut self, input: ParseStream<'_>) -> Result<(), Error> {
        if input.peek(LitStr) {
            return Err(input.error("one model per `include_model!`: call it once for each"));
        }
        let key = input.call(Ident::parse_any)?;
        let name = key.to_string();
        input.parse::<Token![=]>()?;
        let twice = self.strings.iter().any(|(known, _)| *known == name)
            || (name == "crate" && self.core.is_some());
        if twice {
            self.fail(Error::new(key.span(), format!("`{name}` is given twice")));
        }
        if name == "crate" {
            let path = input.call(Path::parse_mod_style)?;
            self.core.get_or_insert((key, path));
            return Ok(());
        }
        if !KNOWN.contains(&&*name) {
            self.fail(unknown(&key, &name));
        }
        if !input.peek(LitStr) {
            let error = input.error(format!("`{name}` takes a string: `{name} = \"…\"`"));
            self.fail(error);
            skip_value(input)?;
            return Ok(());
        }
        let value: LitStr = input.parse()?;
        if !twice {
            self.strings.push((key, value));
        }
        Ok(())
    }

    fn fail(&mut self, error: Error) {
        match &mut self.error {
            Some(errors) => errors.combine(error),
            None => self.error = Some(error),
        }
    }

    /// What is wrong with the arguments as such.
    pub(crate) fn take_error(&mut self) -> Option<Error> {
        self.error.take()
    }

    /// The path of the model.
    pub(crate) fn model(&self) -> PathBuf {
        self.model
            .as_ref()
            .map_or_else(PathBuf::new, |path| path.value().into())
    }

    fn string(&self, name: &str) -> Option<&LitStr> {
        let found = self.strings.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value)
    }

    /// The name of the type, where it is given.
    pub(crate) fn name(&self) -> Option<String> {
        self.string("name").map(LitStr::value)
    }

    /// The path of `edge-core`, where it is given.
    pub(crate) fn core_path(&self) -> Option<String> {
        let (_, path) = self.core.as_ref()?;
        Some(path.to_token_stream().to_string().replace(' ', ""))
    }

    /// The arguments as the compiler takes them.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config::new(self.model());
        let text = |name: &str| self.string(name).map(LitStr::value);
        if let Some(value) = text("target") {
            config = config.target(value);
        }
        if let Some(value) = text("quant") {
            config = config.quant(value);
        }
        if let Some(value) = text("rounding") {
            config = config.rounding(value);
        }
        if let Some(value) = text("optimize") {
            config = config.optimize(value);
        }
        if let Some(value) = text("pin") {
            config = config.pin(value);
        }
        if let Some(value) = text("calibration") {
            config = config.calibration(value);
        }
        if let Some(value) = text("name") {
            config = config.name(value);
        }
        if let Some(value) = text("shapes") {
            config = config.shapes(value);
        }
        config
    }

    /// Where a message about an argument points: its value, or the model where it is not given.
    pub(crate) fn span(&self, argument: Argument) -> Span {
        let name = match argument {
            Argument::Model => "",
            Argument::Target => "target",
            Argument::Quant => "quant",
            Argument::Rounding => "rounding",
            Argument::Optimize => "optimize",
            Argument::Pin => "pin",
            Argument::Calibration => "calibration",
            Argument::Name => "name",
            Argument::Shapes => "shapes",
        };
        let value = self.string(name).or(self.model.as_ref());
        value.map_or_else(Span::call_site, LitStr::span)
    }
}

fn unknown(key: &Ident, name: &str) -> Error {
    let help = match nearest(name, KNOWN) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("known arguments: {}", KNOWN.join(", ")),
    };
    Error::new(
        key.span(),
        format!("the argument `{name}` is not known\n  help: {help}"),
    )
}

/// Skips to the next comma.
fn skip_value(input: ParseStream<'_>) -> Result<(), Error> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Args, Vec<String>) {
        let mut args: Args = syn::parse_str(text).unwrap();
        let errors = args.take_error().into_iter().flatten();
        let errors = errors.map(|error| error.to_string()).collect();
        (args, errors)
    }

    #[test]
    fn all_arguments() {
        let (args, errors) = parse(
            r#""a/net.onnx", target = "host", quant = "int8", calibration = "c.npy", name = "Foo",
            shapes = "batch=1", crate = ::deps::core,"#,
        );
        assert_eq!(errors, [""; 0]);
        let expected = Config::new("a/net.onnx")
            .target("host")
            .quant("int8")
            .calibration("c.npy")
            .name("Foo")
            .shapes("batch=1");
        assert_eq!(args.config(), expected);
        assert_eq!(args.core_path().as_deref(), Some("::deps::core"));
    }

    #[test]
    fn errors_do_not_hide_each_other() {
        let (args, errors) =
            parse(r#""net.onnx", traget = "x", target = 7, quant = "a", quant = "b""#);
        assert_eq!(args.model(), PathBuf::from("net.onnx"));
        assert!(errors[0].contains("did you mean `target`"), "{errors:?}");
        assert!(errors[1].contains("`target` takes a string"), "{errors:?}");
        assert!(errors[2].contains("`quant` is given twice"), "{errors:?}");
        assert_eq!(errors.len(), 3);
    }

    #[test]
    fn the_model_comes_first() {
        for text in ["", "target = \"host\"", "net"] {
            let (_, errors) = parse(text);
            assert!(errors[0].contains("path of the model"), "{errors:?}");
        }
        let (_, errors) = parse("\"a.onnx\" \"b.onnx\"");
        assert_eq!(errors, ["expected `,`"]);
    }
}
