package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.benchmarks.ceiling.CopyPeakBenchmark;
import dev.tenon.benchmarks.ceiling.FmaPeakBenchmark;
import dev.tenon.benchmarks.ceiling.InstructionPeakBenchmark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line of suites. */
class CompareOptionsTest {
    static Suite suite(String name) {
        return Suite.ALL.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void standsForAllValuesAndFiveForksOfBothEngines() throws UsageException {
        CompareOptions options = CompareOptions.parse("minilm");
        assertThat(options.forks()).isEqualTo(5);
        assertThat(options.engines()).containsExactly("tenon", "onnxruntime");
        assertThat(CompareOptions.parse("ops").engines()).containsExactly("tenon", "onnxruntime", "openblas", "onednn");
        assertThat(options.values("shape")).containsExactly("1x16", "1x128", "8x128");
        assertThat(options.values("threads")).containsExactly("1", "2");
        assertThat(options.quick()).isFalse();
        assertThat(options.json()).isNull();
    }

    @Test
    void takesOptionsOfItsOwnAmongThoseOfJmh() throws UsageException {
        CompareOptions options = CompareOptions.parse(
                "gemm",
                "-f",
                "7",
                "--json",
                "figures.json",
                "-p",
                "shape=1x2x3,4x5x6",
                "-p",
                "engine=tenon",
                "--quick");
        assertThat(options.forks()).isEqualTo(7);
        assertThat(options.quick()).isTrue();
        assertThat(options.json()).isEqualTo(Path.of("figures.json"));
        assertThat(options.values("shape")).containsExactly("1x2x3", "4x5x6");
        assertThat(options.engines()).containsExactly("tenon");
    }

    @Test
    void runsOneForkIfItIsToBeQuick() throws UsageException {
        assertThat(CompareOptions.parse("gemm", "--quick").forks()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "sort, suite 'sort' is unknown",
        "gemm --json, --json needs a value",
        "gemm -p, -p needs a value",
        "gemm -p shap=1x2x3, suite gemm takes",
        "gemm -p shape, suite gemm takes",
        "gemm -p engine=abacus, engine 'abacus' is unknown",
        "minilm -p engine=openblas, engine 'openblas' is unknown",
        "gemm -f 0, -f 0 is not at least 1",
        "gemm faster, unexpected: faster",
        "gemm --faster, faster"
    })
    void saysWhatItCannotFollow(String line, String message) {
        assertThatThrownBy(() -> CompareOptions.parse(line.split(" ")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }

    @Test
    void helpNamesRunsAndSuites() throws Exception {
        for (String line : List.of("--help", "-h", "sort --help", "")) {
            String help = help(line.isEmpty() ? new String[0] : line.split(" "));
            for (String name : CompareOptions.names()) {
                assertThat(help).as(line).containsPattern("benchmarks/run " + name + " +\\S");
            }
        }
    }

    @Test
    void everyRunAndSuiteHasHelpWithExamplesAndExitCodes() throws Exception {
        assertThat(CompareOptions.names())
                .contains("compare", "oversubscription", "gemm", "load")
                .doesNotHaveDuplicates();
        for (String name : CompareOptions.names()) {
            String help = help(name, "--help");
            assertThat(help)
                    .startsWith("Usage: benchmarks/run " + name)
                    .contains("Exit codes:", "Examples:", "  benchmarks/run " + name)
                    .containsPattern("  2 +wrong arguments\n");
            assertThat(help(name, "-h")).isEqualTo(help);
        }
        assertThat(help("gemm", "--help")).contains("NAME=VALUE,...", "shape=1024x1024x1024,", "engine=tenon,");
        assertThat(help("compare", "all", "--help")).contains("--precision P,...", "--shape INPUT=1x128", "-f FORKS");
    }

    /** JMH parses its options itself, so what the help says of them is compared with what it takes. */
    @Test
    void optionsOfTheHelpAreTaken() throws Exception {
        String line = "--quick --json a --svg b -f 1 -wi 1 -i 1 -w 1s -r 1s -jvmArgsAppend -Xmx1g -rf json -rff c";
        CompareOptions options = CompareOptions.parse(("gemm -p engine=tenon " + line).split(" "));
        assertThat(options.forks()).isEqualTo(1);
        String help = help("gemm", "--help");
        for (String option : line.split(" ")) {
            if (option.startsWith("-") && !option.startsWith("-X")) {
                assertThat(help).containsPattern("(?m)^ +" + option + " ");
            }
        }
    }

    private static String help(String... arguments) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        assertThat(Compare.run(out, out, arguments)).isZero();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void combinesParametersLastOneFastest() {
        Suite minilm = suite("minilm");
        assertThat(minilm.combinations(p -> p.equals("model") ? List.of("m") : List.of("1", "2")))
                .containsExactly(
                        Map.of("model", "m", "shape", "1", "threads", "1"),
                        Map.of("model", "m", "shape", "1", "threads", "2"),
                        Map.of("model", "m", "shape", "2", "threads", "1"),
                        Map.of("model", "m", "shape", "2", "threads", "2"));
    }

    @Test
    void jmhKnowsTheBenchmarkOfEverySuite() throws IOException {
        try (InputStream list = Suite.class.getResourceAsStream("/META-INF/BenchmarkList")) {
            assertThat(list).isNotNull();
            String benchmarks = new String(list.readAllBytes(), StandardCharsets.UTF_8);
            for (Suite suite : Suite.ALL) {
                assertThat(benchmarks).contains(suite.benchmark().getName());
            }
            assertThat(benchmarks)
                    .contains(
                            FmaPeakBenchmark.class.getName(),
                            CopyPeakBenchmark.class.getName(),
                            InstructionPeakBenchmark.class.getName());
        }
    }
}
