package dev.tenon.benchmarks;

import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.growth.GrowthRun;
import dev.tenon.benchmarks.load.LoadRun;
import dev.tenon.benchmarks.load.ServingRun;
import dev.tenon.benchmarks.networks.GeneratedNetworks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    /** The help text. */
    static String help() {
        StringBuilder suites = new StringBuilder();
        for (Suite suite : Suite.ALL) {
            suites.append("\n  ").append(suite.name()).append(": ").append(suite.description());
            for (String parameter : suite.parameters()) {
                suites.append("\n    -p ").append(parameter).append('=');
                suites.append(String.join(",", suite.values(parameter)));
            }
            suites.append("\n    -p engine=")
                    .append(String.join(",", suite.engines()))
                    .append('\n');
        }
        return """
            benchmarks/run compare MODEL... [--threads N,...] [--shape INPUT=1x128]...
                                   [--precision FP32,BF16,INT8_DYNAMIC] [--numerics STANDARD,STRICT]
                                   [--call prepared,map] [--huge-pages]
            benchmarks/run oversubscription [MODEL...] [options of compare]
                                              more threads than processors: 2, 4, 8 and 16
            benchmarks/run SUITE
              both: [--quick] [--json FILE] [--svg FILE] [JMH options]
            %s
            A model is a file, a name of benchmarks/models.tsv or of a list of the project, or 'all' for
            the list of float32 models, or 'int8' for that of quantised ones.

            Runs the forks of the engines in turn and prints a table. Suites:
            %s
              --precision   the numbers with which Tenon computes products of a float32 model
              --numerics    how closely Tenon follows the operators of the model
              --call        how Tenon is called: with outputs of its own choice (map) or prepared ones
              --huge-pages  lets glibc ask for large pages in the JVMs of peers, as Tenon does in its own
              --quick       one fork with short iterations; it shows that a suite works, but its figures mean little
              --json FILE   writes the figures as JSON
              --svg FILE    draws the figures
              JMH options   -f FORKS, -wi and -i iterations, -w and -r their time, -p NAME=VALUE,...,
                            -jvmArgsAppend ARGS, -rf FORMAT -rff FILE
              ARGS apply to the forks only; JDK_JAVA_OPTIONS applies to the check of outputs too
            """.formatted(
                        String.join(
                                "\n",
                                FreshRuns.help(),
                                CallersRun.help(),
                                ThreadsRun.help(),
                                BatchingRun.help(),
                                LoadRun.help(),
                                ServingRun.help(),
                                GrowthRun.help(),
                                GeneratedNetworks.help()),
                        suites);
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
