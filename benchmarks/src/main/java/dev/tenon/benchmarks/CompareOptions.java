package dev.tenon.benchmarks;

import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.samples.Usage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/**
 * The command line of {@link Compare}.
 *
 * @param suite the suite to run
 * @param quick whether to run one fork with few and short iterations, unless the options of JMH say otherwise
 * @param json the JSON file to write, or null
 * @param svg the picture to write, or null
 * @param chosen the parameters of each case; null for all cases of the suite
 * @param jmh the options of JMH
 */
record CompareOptions(
        Suite suite, boolean quick, Path json, Path svg, List<Map<String, String>> chosen, CommandLineOptions jmh) {
    /** The names of all runs and suites, with what they do. */
    static String help() {
        StringBuilder text =
                new StringBuilder("Benchmarks. benchmarks/run NAME --help tells more about one of these:\n\n");
        for (String name : names()) {
            text.append(String.format(
                    "benchmarks/run %-18s %s%n", name, usage(name).orElseThrow().description()));
        }
        return text.toString();
    }

    /** The names of all runs and suites. */
    static List<String> names() {
        List<String> names = new ArrayList<>(List.of(Suite.MODELS.name(), Suite.OVERSUBSCRIPTION.name()));
        Suite.ALL.forEach(suite -> names.add(suite.name()));
        names.addAll(Runs.names());
        return names;
    }

    /** The usage of a run or suite, if there is one of the name. */
    static Optional<Usage> usage(String name) {
        if (name.equals(Suite.MODELS.name()) || name.equals(Suite.OVERSUBSCRIPTION.name())) {
            return Optional.of(ModelArguments.usage(name));
        }
        return Suite.ALL.stream()
                .filter(suite -> suite.name().equals(name))
                .map(CompareOptions::usage)
                .findFirst()
                .or(() -> Runs.usage(name));
    }

    private static Usage usage(Suite suite) {
        Usage usage = Usage.of("benchmarks/run " + suite.name(), suite.description())
                .spaced()
                .repeated("-p", "NAME=VALUE,...", "parameters, all of these if not given: " + parameters(suite));
        return ofForks(usage).example("benchmarks/run " + suite.name(), "benchmarks/run " + suite.name() + " --quick");
    }

    private static String parameters(Suite suite) {
        StringBuilder text = new StringBuilder();
        for (String parameter : suite.parameters()) {
            text.append(parameter)
                    .append('=')
                    .append(String.join(",", suite.values(parameter)))
                    .append("; ");
        }
        return text.append(Engines.PARAMETER)
                .append('=')
                .append(String.join(",", suite.engines()))
                .toString();
    }

    /** Adds the options of all suites. */
    static Usage ofForks(Usage usage) {
        return usage.flag("one fork with short iterations: the suite works, but its figures mean little", "--quick")
                .option("--json", "FILE", "writes the figures as JSON")
                .option("--svg", "FILE", "draws the figures")
                .option("-f", "FORKS", "the JVMs of each engine, as JMH has it; so are the following")
                .option("-wi", "N", "the iterations before those that are measured")
                .option("-i", "N", "the iterations that are measured")
                .option("-w", "TIME", "the time of an iteration before")
                .option("-r", "TIME", "the time of an iteration that is measured")
                .option(
                        "-jvmArgsAppend",
                        "ARGS",
                        "flags of the forks; JDK_JAVA_OPTIONS applies to the check of outputs, too")
                .option("-rf", "FORMAT", "the format of the results of JMH")
                .option("-rff", "FILE", "the file of the results of JMH")
                .exit(1, "failure, or outputs of engines differ");
    }

    /**
     * Parses a command line.
     *
     * @param arguments a suite and its options
     * @return the options
     * @throws UsageException if they are wrong
     */
    static CompareOptions parse(String... arguments) throws UsageException {
        Suite suite = Suite.ALL.stream()
                .filter(s -> s.name().equals(arguments[0]))
                .findFirst()
                .orElseThrow(() -> new UsageException("suite '" + arguments[0] + "' is unknown; there are "
                        + String.join(", ", Suite.ALL.stream().map(Suite::name).toList())));
        boolean quick = false;
        Path json = null;
        Path svg = null;
        List<String> rest = new ArrayList<>();
        for (int i = 1; i < arguments.length; i++) {
            String argument = arguments[i];
            if (argument.equals("--quick")) {
                quick = true;
            } else if (argument.equals("--json")) {
                json = Path.of(next(arguments, i++));
            } else if (argument.equals("--svg")) {
                svg = Path.of(next(arguments, i++));
            } else {
                if (argument.equals("-p")) {
                    checkParameter(suite, next(arguments, i));
                }
                rest.add(argument);
            }
        }
        return new CompareOptions(suite, quick, json, svg, null, jmh(rest)).checked();
    }

    /** The parameters of each case. */
    List<Map<String, String>> combinations() {
        return chosen != null ? chosen : suite.combinations(this::values);
    }

    static String next(String[] arguments, int i) throws UsageException {
        if (i + 1 == arguments.length) {
            throw new UsageException(arguments[i] + " needs a value");
        }
        return arguments[i + 1];
    }

    private static void checkParameter(Suite suite, String setting) throws UsageException {
        String name = setting.substring(0, Math.max(0, setting.indexOf('=')));
        if (!suite.parameters().contains(name) && !name.equals(Engines.PARAMETER)) {
            throw new UsageException("-p " + setting + ": suite " + suite.name() + " takes NAME=VALUE,... for "
                    + String.join(", ", suite.parameters()) + ", " + Engines.PARAMETER);
        }
    }

    static CommandLineOptions jmh(List<String> arguments) throws UsageException {
        CommandLineOptions options;
        try {
            options = new CommandLineOptions(arguments.toArray(new String[0]));
        } catch (CommandLineOptionException e) {
            throw new UsageException(e.getMessage());
        }
        if (!options.getIncludes().isEmpty()) {
            throw new UsageException("unexpected: " + String.join(" ", options.getIncludes()));
        }
        return options;
    }

    CompareOptions checked() throws UsageException {
        if (forks() < 1) {
            throw new UsageException("-f " + forks() + " is not at least 1");
        }
        for (String engine : engines()) {
            if (!suite.engines().contains(engine)) {
                throw new UsageException(
                        Engines.unknown(engine, suite.engines()).getMessage());
            }
        }
        return this;
    }

    /** The forks of each engine. */
    int forks() {
        return jmh.getForkCount().orElse(quick ? 1 : suite.forks());
    }

    /** Whether the command line names the engines. */
    boolean asksForEngines() {
        return jmh.getParameter(Engines.PARAMETER).hasValue();
    }

    /** The engines to measure, where a case has them. */
    List<String> engines() {
        return asksForEngines()
                ? List.copyOf(jmh.getParameter(Engines.PARAMETER).get())
                : suite.engines();
    }

    /**
     * The values of a parameter to measure.
     *
     * @param parameter a parameter of the suite
     * @return at least one
     */
    List<String> values(String parameter) {
        return jmh.getParameter(parameter).hasValue()
                ? List.copyOf(jmh.getParameter(parameter).get())
                : suite.values(parameter);
    }
}
