package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.benchmarks.cases.Agreement;
import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.cases.ChainCase;
import dev.tenon.benchmarks.ceiling.CopyCeiling;
import dev.tenon.benchmarks.ceiling.FmaCeiling;
import dev.tenon.benchmarks.ceiling.InstructionCeiling;
import dev.tenon.benchmarks.ceiling.Samples;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.benchmarks.forks.ForkTiers;
import dev.tenon.benchmarks.results.Comparison;
import dev.tenon.benchmarks.results.StepTimes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The overhead of steps, and the gain of a second thread. The vector tag provides the module that the FMA peak needs.
 */
@Tag("vector")
class OverheadBenchmarkTest {
    private static final Agreement EQUAL = new Agreement(1, 0);

    @ParameterizedTest
    @ValueSource(strings = {"1", "16", "256"})
    void bothEnginesRunTheSameChain(String steps) {
        BenchmarkCase c = CompareOptionsTest.suite("overhead").caseOf().apply(Map.of("steps", steps));
        Agreement agreement = Agreement.of(c);
        assertThat(agreement.holds(c)).as("%s steps: %s", steps, agreement).isTrue();
        try (PreparedRun ours = c.prepare(Engines.TENON)) {
            ours.run();
            assertThat(Math.round(ours.output()[7]))
                    .as("8 and 8, in %s parts", steps)
                    .isEqualTo(16);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "many", "100000"})
    void refusesWhatIsNoLength(String steps) {
        assertThatThrownBy(() -> ChainCase.of(steps)).hasMessageContaining("steps '" + steps + "'");
    }

    private static Samples samples(double... millis) {
        Samples samples = new Samples();
        for (double x : millis) {
            samples.add(x, 1);
        }
        return samples;
    }

    private static Comparison chain(int steps, Samples ours, Samples peer) {
        return new Comparison(
                new ChainCase(steps),
                Map.of(),
                Map.of(Engines.TENON, ours, Engines.ONNXRUNTIME, peer),
                Map.of(Engines.ONNXRUNTIME, EQUAL),
                FmaCeiling.of(1),
                InstructionCeiling.of(null),
                CopyCeiling.of(Double.NaN),
                ForkTiers.NONE,
                Map.of());
    }

    @Test
    void aStepIsTheSlopeFromTheShortestChainToTheLongest() {
        Comparison few = chain(10, samples(0.001, 0.002, 0.002), samples(0.010));
        Comparison some = chain(20, samples(1), samples(1));
        Comparison many = chain(110, samples(0.006, 0.012, 0.012), samples(0.050));
        assertThat(StepTimes.lines(List.of(some, many, few))).isEqualToNormalizingNewlines("""
                    tenon: 50.0 ns a step by the fastest calls, 100.0 by the median ones
                    onnxruntime: 400.0 ns a step by the fastest calls, 400.0 by the median ones
                    """);
        assertThat(StepTimes.lines(List.of(chain(1, samples(1), new Samples()), chain(2, samples(2), new Samples()))))
                .startsWith("tenon")
                .doesNotContain("onnxruntime");
        assertThat(StepTimes.lines(List.of(few))).isEmpty();
    }

    @Test
    void theWorkIsTheSameOnTwoThreads() {
        ThreadsRun.Calls one = new ThreadsRun.Calls(100, 1);
        ThreadsRun.Calls two = new ThreadsRun.Calls(100, 2);
        for (int i = 0; i < 3; i++) {
            one.run();
            two.run();
            assertThat(two.output()).isEqualTo(one.output());
        }
        // Each of the sixteen steps doubles its input.
        assertThat(Math.round(one.output()[2])).isEqualTo(3 << 16);
    }

    @Test
    void threadsTakeNoOptions() {
        assertThatThrownBy(() -> ThreadsRun.run(System.out, ThreadsRun.NAME, "--quick"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--quick");
        assertThat(CompareOptions.names()).contains("threads", "overhead");
        assertThat(CompareOptions.usage("overhead").orElseThrow().help()).contains("steps=16,256");
    }
}
