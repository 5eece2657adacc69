package dev.tenon.samples;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The arguments and options of a command. It parses them and prints the help. Made once for each use, on one thread.
 *
 * <pre>{@code
 * Usage usage = Usage.of("samples/run count", "Counts the rows of files.")
 *     .arguments("FILE...", "the files")
 *     .option("--separator", "C", "the character between cells; a comma if not given")
 *     .example("samples/run count rows.csv");
 * }</pre>
 */
public final class Usage {
    private static final int WIDTH = 110;
    private static final int ONE_LINE = 100_000;

    private final CommandSpec spec;
    private final String description;
    private final List<String> examples = new ArrayList<>();
    private final Map<String, String> exits = new LinkedHashMap<>();
    private String separator = "=";

    private Usage(String name, String description) {
        this.spec = CommandSpec.create().name(name);
        this.description = description;
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("prints this text")
                .build());
        exits.put("0", "success");
        exits.put("1", "failure: the reason is printed");
        exits.put("2", "wrong arguments");
    }

    /**
     * A command without arguments.
     *
     * @param name how it is called: {@code samples/run count}
     * @param description a sentence or two
     * @return the usage
     */
    public static Usage of(String name, String description) {
        return new Usage(name, description);
    }

    /** For picocli, which formats the texts before and after the options. */
    private static String literal(String text) {
        return text.replace("%", "%%");
    }

    private Usage add(OptionSpec.Builder option, String description) {
        spec.addOption(option.description(description).build());
        return this;
    }

    private static OptionSpec.Builder valued(String name, String label) {
        return OptionSpec.builder(name).paramLabel(label).arity("1").type(String.class);
    }

    /**
     * Adds arguments without a name. Their number is for the command to check.
     *
     * @param label such as {@code MODEL FILE.csv}
     * @param meaning the meaning
     * @return this
     */
    public Usage arguments(String label, String meaning) {
        spec.addPositional(PositionalParamSpec.builder()
                .index("0..*")
                .arity("0..*")
                .paramLabel(label)
                .hideParamSyntax(true)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description(meaning)
                .build());
        return this;
    }

    /**
     * Adds an option with a value.
     *
     * @param name such as {@code --out}, or {@code -p shape=} where a name follows each time
     * @param label the name of its value in the help
     * @param meaning the meaning, with what holds if it is not given
     * @return this
     */
    public Usage option(String name, String label, String meaning) {
        return add(valued(name, label), meaning);
    }

    /**
     * Adds an option that must be given.
     *
     * @param name such as {@code --out}
     * @param label the name of its value in the help
     * @param meaning the meaning
     * @return this
     */
    public Usage required(String name, String label, String meaning) {
        return add(valued(name, label).required(true), meaning);
    }

    /**
     * Adds an option that may be given several times.
     *
     * @param name such as {@code --shape}
     * @param label the name of its value in the help
     * @param meaning the meaning
     * @return this
     */
    public Usage repeated(String name, String label, String meaning) {
        return add(valued(name, label).type(List.class).auxiliaryTypes(String.class), meaning);
    }

    /**
     * Adds an option without a value.
     *
     * @param meaning the meaning
     * @param names its names
     * @return this
     */
    public Usage flag(String meaning, String... names) {
        return add(OptionSpec.builder(names).arity("0").type(boolean.class), meaning);
    }

    /**
     * Adds an example to the help.
     *
     * @param lines the lines of a command
     * @return this
     */
    public Usage example(String... lines) {
        examples.addAll(List.of(lines));
        return this;
    }

    /**
     * Adds an exit code to the help, or changes what one of 0, 1 and 2 means.
     *
     * @param code the code
     * @param meaning the meaning
     * @return this
     */
    public Usage exit(int code, String meaning) {
        exits.put(Integer.toString(code), meaning);
        return this;
    }

    /**
     * Lets the value of an option be an argument of its own: {@code --out FILE}, but not {@code --out=FILE}.
     *
     * @return this
     */
    public Usage spaced() {
        separator = " ";
        return this;
    }

    /** {@return the description} */
    public String description() {
        return description;
    }

    private CommandLine line(int width) {
        spec.usageMessage()
                .sortOptions(false)
                .sortSynopsis(false)
                .width(width)
                .description(literal(description))
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(exits)
                .footerHeading(examples.isEmpty() ? "" : "%nExamples:%n")
                .footer(examples.stream().map(line -> "  " + literal(line)).toArray(String[]::new));
        return new CommandLine(spec)
                .setSeparator(separator)
                .setExpandAtFiles(false)
                .setInterpolateVariables(false);
    }

    /**
     * Whether arguments ask for the help.
     *
     * @param args the arguments
     * @return whether {@code --help} or {@code -h} is among those before {@code --}
     */
    public static boolean isAskedFor(List<String> args) {
        int end = args.indexOf("--");
        List<String> options = end < 0 ? args : args.subList(0, end);
        return options.contains("--help") || options.contains("-h");
    }

    /** {@return the whole help, some lines that end with a line break} */
    public String help() {
        return line(WIDTH).getUsageMessage(Ansi.OFF);
    }

    /** {@return the form of a call, in one line} */
    public String synopsis() {
        return line(ONE_LINE).getHelp().synopsis(0).strip();
    }

    /**
     * Parses arguments.
     *
     * @param args the arguments, which do not ask for the help
     * @return what they are
     * @throws UsageException if an option is unknown, lacks its value, is missing, or is given twice
     */
    public Arguments parse(List<String> args) {
        try {
            return new Arguments(line(WIDTH).parseArgs(args.toArray(String[]::new)));
        } catch (CommandLine.OverwrittenOptionException e) {
            throw new UsageException(name(e.getOverwritten()) + " is given twice");
        } catch (CommandLine.MissingParameterException e) {
            String name =
                    e.getMissing().isEmpty() ? "an option" : name(e.getMissing().getFirst());
            throw new UsageException(args.contains(name) ? name + " needs a value" : "give " + name);
        } catch (CommandLine.UnmatchedArgumentException e) {
            String found = e.getUnmatched().getFirst();
            throw new UsageException((found.startsWith("-") ? "unknown option " : "unexpected argument ") + found);
        } catch (CommandLine.ParameterException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static String name(CommandLine.Model.ArgSpec spec) {
        return spec instanceof OptionSpec option ? option.longestName() : spec.paramLabel();
    }
}
