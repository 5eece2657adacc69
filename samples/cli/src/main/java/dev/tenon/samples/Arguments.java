package dev.tenon.samples;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Arguments that several commands understand. */
public final class Arguments {
    private Arguments() {}

    /**
     * The value of an option, which is the argument after it.
     *
     * @param args the arguments
     * @param option the index of the option
     * @return the value
     * @throws UsageException if there is none
     */
    public static String value(List<String> args, int option) {
        if (option + 1 >= args.size()) {
            throw new UsageException(args.get(option) + " needs a value");
        }
        return args.get(option + 1);
    }

    /**
     * The value of an option that takes a number.
     *
     * @param args the arguments
     * @param option the index of the option
     * @param least the least number that is allowed, at least 0
     * @param most the greatest one, of at most 9 digits
     * @return the number
     * @throws UsageException if the value is missing, or no number of that range
     */
    public static int number(List<String> args, int option, int least, int most) {
        String text = value(args, option);
        if (!text.matches("0|[1-9][0-9]{0,8}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            throw new UsageException(args.get(option) + " " + text + " is not a number from " + least + " to " + most);
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
