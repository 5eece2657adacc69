package dev.tenon.samples;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/** The arguments of a command, as its {@link Usage} has parsed them. */
public final class Arguments {
    private final ParseResult parsed;

    Arguments(ParseResult parsed) {
        this.parsed = parsed;
    }

    /** {@return the arguments that belong to no option} */
    public List<String> rest() {
        return parsed.matchedPositionalValue(0, List.of());
    }

    /**
     * Whether an option was given.
     *
     * @param option its name
     * @return whether it was
     */
    public boolean has(String option) {
        return parsed.hasMatchedOption(option);
    }

    /**
     * The value of an option.
     *
     * @param option its name
     * @return the value, if it was given
     */
    public Optional<String> value(String option) {
        return Optional.ofNullable(parsed.matchedOptionValue(option, null));
    }

    /**
     * The values of an option that may be given several times.
     *
     * @param option its name
     * @return the values in order
     */
    public List<String> values(String option) {
        return parsed.matchedOptionValue(option, List.of());
    }

    /**
     * The value of an option that names a file or folder.
     *
     * @param option its name
     * @return the path, if it was given
     */
    public Optional<Path> path(String option) {
        return value(option).map(Path::of);
    }

    /**
     * The value of an option that takes a number.
     *
     * @param option its name
     * @param least the least number that is allowed, at least 0
     * @param most the greatest one, of at most 9 digits
     * @param standard the number if the option was not given
     * @return the number
     * @throws UsageException if the value is no number of that range
     */
    public int number(String option, int least, int most, int standard) {
        return value(option).map(text -> number(option, text, least, most)).orElse(standard);
    }

    private static int number(String option, String text, int least, int most) {
        if (!text.matches("0|[1-9][0-9]{0,8}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            throw new UsageException(option + " " + text + " is not a number from " + least + " to " + most);
        }
        return Integer.parseInt(text);
    }

    /**
     * The path of a model file, or of a model that the build has fetched.
     *
     * @param model a path, or the name of a fetched model
     * @return the path of the file; the argument as a path if there is none
     */
    public static Path model(String model) {
        Path fetched = Path.of(System.getProperty("tenon.models", "target/models"), model + ".onnx");
        return !Files.exists(Path.of(model)) && Files.exists(fetched) ? fetched : Path.of(model);
    }
}
