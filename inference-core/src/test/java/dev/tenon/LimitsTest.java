package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of a call: time, memory and iterations. */
@Tag("short")
class LimitsTest {
    private static final SessionOptions STANDARD = SessionOptions.standard();

    /** An infinite loop, with or without a step in its body. */
    private static Model endless(boolean steps) {
        return SmallModels.model("""
            graph (%%x: f32[n]) {
              %%y = Loop<body=graph body(%%i: i64[], %%go: bool[], %%v: f32[n]) {
                  %s
                  return %%go, %%next
                }, carried=1>(_, _, %%x) "forever"
              return %%y
            }
            """.formatted(steps ? "%next = Neg(%v)" : "%next = Identity(%v)"));
    }

    private static final Map<String, Tensor> X = Map.of("x", Tensor.of(new float[] {1, 2}));

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theTimeLimitEndsACall(boolean steps) {
        Session s = endless(steps).session(STANDARD.timeLimit(Duration.ofMillis(200)));
        assertThat(Typed.failure(() -> s.predict(X)))
                .isInstanceOf(InterruptedPredictionException.class)
                .hasMessageContaining("time limit")
                .hasMessageContaining("SessionOptions.timeLimit");
        assertThat(Typed.failure(() -> s.predict(X))).isInstanceOf(InterruptedPredictionException.class);
    }

    @Test
    void aTimeLimitOfNoTimeEndsEveryCall() {
        Session s = SmallModels.perceptron().session(STANDARD.timeLimit(Duration.ZERO));
        assertThat(Typed.failure(() -> s.predict(Map.of("x", SmallModels.random(1, 16)))))
                .isInstanceOf(InterruptedPredictionException.class)
                .hasMessageContaining("MatMul+Add+Relu 'first'");
    }

    @Test
    void aLongTimeLimitIsNone() {
        Session s = SmallModels.perceptron().session(STANDARD.timeLimit(ChronoUnit.FOREVER.getDuration()));
        assertThat(s.predict(Map.of("x", SmallModels.random(1, 16))).tensor().size())
                .isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInterruptEndsARunningCall(boolean steps) throws InterruptedException {
        Session s = endless(steps).session();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        boolean[] kept = new boolean[1];
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                s.predict(X);
            } catch (Throwable e) {
                thrown.set(e);
            }
            kept[0] = Thread.currentThread().isInterrupted();
        });
        Thread.sleep(200);
        caller.interrupt();
        assertThat(caller.join(Duration.ofSeconds(60))).as("the call ends").isTrue();
        assertThat(Typed.typed(thrown.get()))
                .isInstanceOf(InterruptedPredictionException.class)
                .hasMessageContaining("interrupted");
        assertThat(kept[0]).as("the thread stays interrupted").isTrue();
    }

    @Test
    void anInterruptedThreadDoesNotBegin() {
        Session s = SmallModels.perceptron().session();
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(1, 16));
        Tensor y = Tensor.allocate(DType.FLOAT32, 1, 8);
        Thread.currentThread().interrupt();
        try {
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> s.predict(inputs, Map.of("y", y))))
                    .satisfies(Typed::typed)
                    .isInstanceOf(InterruptedPredictionException.class);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(y.getFloat(0)).isZero();
        s.predict(inputs, Map.of("y", y));
        assertThat(y.getFloat(0)).isNotZero();
    }

    @Test
    void aValueOfKnownShapeThatIsTooLarge() {
        Session s = SmallModels.perceptron().session(STANDARD.maxTensorBytes(4 * 32 * 100));
        assertThat(Typed.failure(() -> s.predict(Map.of("x", SmallModels.random(101, 16)))))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("value 'r1'")
                .hasMessageContaining("12928 bytes")
                .hasMessageContaining("at most 12800 bytes")
                .hasMessageContaining("SessionOptions.maxTensorBytes");
        assertThat(s.predict(Map.of("x", SmallModels.random(100, 16))).tensor().size())
                .isEqualTo(800);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Expand(%x, %shape)", "ConstantOfShape(%shape)", "Tile(%x, %shape)"})
    void aValueThatTheRunMakesTooLarge(String op) {
        Session s = SmallModels.model("graph (%x: f32[1], %shape: i64[1]) { %y = " + op + " \"large\" return %y }")
                .session(STANDARD.maxTensorBytes(400));
        Tensor x = Tensor.of(new float[] {3});
        assertThat(s.predict(Map.of("x", x, "shape", Tensor.of(new long[] {100})))
                        .tensor()
                        .size())
                .isEqualTo(100);
        for (long size : new long[] {101, 1L << 40, 1L << 60}) {
            assertThat(Typed.failure(() -> s.predict(Map.of("x", x, "shape", Tensor.of(new long[] {size})))))
                    .isInstanceOf(ResourceLimitException.class)
                    .hasMessageContaining("value 'y'")
                    .hasMessageContaining("SessionOptions.maxTensorBytes");
        }
        assertThat(Typed.failure(() -> s.predict(Map.of("x", x, "shape", Tensor.of(new long[] {Long.MAX_VALUE})))))
                .isNotNull();
        assertThat(Typed.failure(() -> s.predict(Map.of("x", x, "shape", Tensor.of(new long[] {-1})))))
                .hasMessageContaining("'large'");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void moreThanThereIs(boolean known) {
        String shape = known ? "%shape = const i64[1] {1099511627776}" : "";
        Session s = SmallModels.model("graph (%x: f32[1], %given: i64[1]) { " + shape + " %y = Expand(%x, "
                        + (known ? "%shape" : "%given") + ") return %y }")
                .session();
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[] {3}), "given", Tensor.of(new long[] {1L << 40}));
        assertThat(Typed.failure(() -> s.predict(inputs)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining(" bytes of native memory")
                .hasMessageContaining("-XX:MaxDirectMemorySize");
    }

    @Test
    void optionsAreValues() {
        SessionOptions options = STANDARD.threads(3)
                .maxTensorBytes(5)
                .timeLimit(Duration.ofSeconds(7))
                .planCacheBytes(11)
                .optimize(false);
        assertThat(options.threads()).isEqualTo(3);
        assertThat(options.maxTensorBytes()).isEqualTo(5);
        assertThat(options.timeLimit()).contains(Duration.ofSeconds(7));
        assertThat(options.planCacheBytes()).isEqualTo(11);
        assertThat(options.optimize()).isFalse();
        assertThat(STANDARD.threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(STANDARD.timeLimit()).isEmpty();
        assertThat(options.noTimeLimit().timeLimit()).isEmpty();
        assertThat(options)
                .isEqualTo(STANDARD.optimize(false)
                        .planCacheBytes(11)
                        .timeLimit(Duration.ofSeconds(7))
                        .maxTensorBytes(5)
                        .threads(3))
                .hasSameHashCodeAs(options.threads(3))
                .isNotEqualTo(options.threads(4))
                .isNotEqualTo(STANDARD);
        assertThat(SmallModels.perceptron().session(options).options()).isEqualTo(options);
    }

    @Test
    void optionsOutOfRangeAreRefusedByName() {
        Map<String, Executable> wrong = Map.of(
                "threads", () -> STANDARD.threads(0),
                "maxTensorBytes", () -> STANDARD.maxTensorBytes(-1),
                "timeLimit", () -> STANDARD.timeLimit(Duration.ofNanos(-1)),
                "maxIterations", () -> STANDARD.maxIterations(0),
                "planCacheBytes", () -> STANDARD.planCacheBytes(-1));
        wrong.forEach((option, call) -> assertThat(Typed.failure(call))
                .as(option)
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("SessionOptions." + option)
                .hasMessageContaining("allowed"));
    }
}
