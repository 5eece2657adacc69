package dev.tenon.samples;

import dev.tenon.error.TenonException;
import dev.tenon.samples.compress.CompressCommand;
import dev.tenon.samples.embeddings.EmbeddingsCommand;
import dev.tenon.samples.inspect.InspectCommand;
import dev.tenon.samples.lessons.Lesson01CustomOperator;
import dev.tenon.samples.verify.VerifyCommand;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The command line. The first argument names a sample, the others are the arguments of the sample. */
public final class Main {
    private static final Map<String, Command> COMMANDS = new TreeMap<>(Map.of(
            "compress", new CompressCommand(),
            "custom-operator", new Lesson01CustomOperator(),
            "embeddings", new EmbeddingsCommand(),
            "inspect", new InspectCommand(),
            "verify", new VerifyCommand()));

    private static final int USAGE_ERROR = 2;

    private Main() {}

    /**
     * Runs a sample. The exit code is 0 for success, 1 for failure, 2 for wrong arguments, others as the sample says.
     *
     * @param args the name of the sample and its arguments
     */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    private static int run(String[] args) {
        Command command = args.length == 0 ? null : COMMANDS.get(args[0]);
        if (command == null) {
            System.err.println(
                    args.length == 0 ? "Name a sample:" : "There is no sample '" + args[0] + "'. Name one of:");
            COMMANDS.forEach((name, c) -> System.err.println("  samples/run " + name + " " + c.usage()));
            return USAGE_ERROR;
        }
        List<String> rest = Arrays.asList(args).subList(1, args.length);
        try {
            return command.run(rest, System.out);
        } catch (UsageException e) {
            System.err.println(e.getMessage());
            System.err.println("usage: samples/run " + args[0] + " " + command.usage());
            return USAGE_ERROR;
        } catch (TenonException | IOException e) {
            System.err.println("samples/run " + args[0] + ": " + e.getMessage());
            return 1;
        }
    }
}
