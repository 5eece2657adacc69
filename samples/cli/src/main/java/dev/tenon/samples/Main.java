package dev.tenon.samples;

import dev.tenon.error.TenonException;
import dev.tenon.samples.compress.CompressCommand;
import dev.tenon.samples.compress.JudgeCommand;
import dev.tenon.samples.compress.ReportsCommand;
import dev.tenon.samples.embeddings.EmbeddingsCommand;
import dev.tenon.samples.generate.GenerateCommand;
import dev.tenon.samples.inspect.InspectCommand;
import dev.tenon.samples.lessons.Lesson01CustomOperator;
import dev.tenon.samples.lessons.Lesson12Serving;
import dev.tenon.samples.lessons.Lesson16Generation;
import dev.tenon.samples.lessons.compression.Lesson02StaticInt8;
import dev.tenon.samples.lessons.compression.Lesson03DynamicInt8;
import dev.tenon.samples.lessons.compression.Lesson04FourBitWeights;
import dev.tenon.samples.lessons.compression.Lesson05HalfFloats;
import dev.tenon.samples.lessons.compression.Lesson06Pruning;
import dev.tenon.samples.lessons.compression.Lesson07StructuredPruning;
import dev.tenon.samples.lessons.compression.Lesson08LowRank;
import dev.tenon.samples.lessons.compression.Lesson09Trees;
import dev.tenon.samples.lessons.compression.Lesson10Search;
import dev.tenon.samples.lessons.compression.Lesson11Report;
import dev.tenon.samples.lessons.compression.Lesson13Distillation;
import dev.tenon.samples.lessons.compression.Lesson14Healing;
import dev.tenon.samples.lessons.compression.Lesson15QuantizationAwareTraining;
import dev.tenon.samples.serve.ServeCommand;
import dev.tenon.samples.tables.ScoreCsvCommand;
import dev.tenon.samples.verify.VerifyCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The command line. The first argument names a sample, the others are the arguments of the sample. */
public final class Main {
    private static final Map<String, Command> COMMANDS = new TreeMap<>(Map.ofEntries(
            Map.entry("compress", new CompressCommand()),
            Map.entry("custom-operator", new Lesson01CustomOperator()),
            Map.entry("embeddings", new EmbeddingsCommand()),
            Map.entry("generate", new GenerateCommand()),
            Map.entry("inspect", new InspectCommand()),
            Map.entry("judge", new JudgeCommand()),
            Map.entry("lesson-static-int8", new Lesson02StaticInt8()),
            Map.entry("lesson-dynamic-int8", new Lesson03DynamicInt8()),
            Map.entry("lesson-four-bit-weights", new Lesson04FourBitWeights()),
            Map.entry("lesson-half-floats", new Lesson05HalfFloats()),
            Map.entry("lesson-pruning", new Lesson06Pruning()),
            Map.entry("lesson-structured-pruning", new Lesson07StructuredPruning()),
            Map.entry("lesson-low-rank", new Lesson08LowRank()),
            Map.entry("lesson-trees", new Lesson09Trees()),
            Map.entry("lesson-search", new Lesson10Search()),
            Map.entry("lesson-report", new Lesson11Report()),
            Map.entry("lesson-distillation", new Lesson13Distillation()),
            Map.entry("lesson-healing", new Lesson14Healing()),
            Map.entry("lesson-qat", new Lesson15QuantizationAwareTraining()),
            Map.entry("lesson-generation", new Lesson16Generation()),
            Map.entry("lesson-serving", new Lesson12Serving()),
            Map.entry("reports", new ReportsCommand()),
            Map.entry("serve", new ServeCommand()),
            Map.entry("score-csv", new ScoreCsvCommand()),
            Map.entry("verify", new VerifyCommand())));

    private static final int USAGE_ERROR = 2;

    private Main() {}

    /**
     * Runs a sample. The exit code is 0 for success, 1 for failure, 2 for wrong arguments, others as the sample says.
     *
     * @param args the name of the sample and its arguments
     */
    public static void main(String[] args) {
        System.exit(run(args, System.out, System.err));
    }

    /** {@return the samples, by their names} */
    static Map<String, Command> commands() {
        return COMMANDS;
    }

    /** Runs the sample that the first argument names, or lists the samples. */
    static int run(String[] args, PrintStream out, PrintStream err) {
        Command command = args.length == 0 ? null : COMMANDS.get(args[0]);
        try {
            if (command == null) {
                return list(args, out, err);
            }
        } catch (IOException e) {
            return failed("", reason(e), err);
        }
        return run(args[0], command, Arrays.asList(args).subList(1, args.length), out, err);
    }

    /** Prints the help of a sample with a framework, or the names of all samples. */
    private static int list(String[] args, PrintStream out, PrintStream err) throws IOException {
        boolean help = Usage.isAskedFor(List.of(args));
        for (FrameworkSample sample : FrameworkSample.all()) {
            if (help && sample.name().equals(args[0])) {
                out.print(sample.usage().help());
                return 0;
            }
        }
        PrintStream to = help ? out : err;
        to.println(help || args.length == 0 ? "Name a sample:" : "There is no sample '" + args[0] + "'. Name one of:");
        COMMANDS.forEach((name, c) -> to.printf("  %-26s %s%n", name, c.usage().description()));
        printFrameworks(to);
        to.println("samples/run NAME --help tells more about one of them.");
        return help ? 0 : USAGE_ERROR;
    }

    /**
     * Runs a sample. Whatever its arguments and their files are, it ends with a code, and at most a few lines that say why.
     *
     * @param name the name of the sample
     * @param command the sample
     * @param args its arguments
     * @param out for its output
     * @param err for what is wrong
     * @return the exit code
     */
    public static int run(String name, Command command, List<String> args, PrintStream out, PrintStream err) {
        try {
            if (Usage.isAskedFor(args)) {
                out.print(command.usage().help());
                return 0;
            }
            return command.run(args, out);
        } catch (UsageException | InvalidPathException e) {
            err.println(e.getMessage());
            err.println("usage: " + command.usage().synopsis() + "; --help tells more");
            return USAGE_ERROR;
        } catch (TenonException e) {
            return failed(name, e.getMessage(), err);
        } catch (IOException e) {
            return failed(name, reason(e), err);
        } catch (UncheckedIOException e) {
            return failed(name, reason(e.getCause()), err);
        } catch (OutOfMemoryError e) {
            return failed(
                    name,
                    "this needs more memory than the heap of "
                            + Runtime.getRuntime().maxMemory()
                            + " bytes has; set JAVA_TOOL_OPTIONS=-Xmx8g, or less input",
                    err);
        } catch (StackOverflowError e) {
            return failed(
                    name, "this is nested more deeply than the stack has room for; set JAVA_TOOL_OPTIONS=-Xss16m", err);
        }
    }

    private static int failed(String name, String why, PrintStream err) {
        err.println("samples/run " + name + ": " + why);
        return 1;
    }

    /** The message of an exception. That of a file is its name alone. */
    private static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException n -> "there is no file " + n.getFile();
            case AccessDeniedException a -> "no permission for " + a.getFile();
            case FileSystemException f
            when f.getReason() == null -> f.getClass().getSimpleName() + ": " + f.getFile();
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }

    /** Prints the samples with a framework, which samples/run starts without this class. */
    private static void printFrameworks(PrintStream out) throws IOException {
        List<FrameworkSample> all = FrameworkSample.all();
        if (!all.isEmpty()) {
            out.println("Samples with a framework, which the first run fetches:");
        }
        all.forEach(sample -> out.println("  samples/run " + sample.name() + " " + sample.arguments()));
    }
}
