package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.TenonException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The work of a plan that a call makes is bounded, and its time is a part of the time of the call. */
class PlanningWorkTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** 64,000,000 samples for each of 64 channels of constants: minutes of work in 18 KB. */
    private static final String REGIONS = """
        graph (%x: f32[1]) {
          %image = const f32[1,64,8,8] @w1x64x8x8
          %region = const f32[1,4] {0, 0, 8, 8}
          %first = const i64[1] {0}
          %pooled = RoiAlign<sampling_ratio=8000>(%image, %region, %first)
          %y = Add(%pooled, %x)
          return %y
        }
        """;

    private static final Map<String, Tensor> X = Map.of("x", Tensor.of(new float[] {1}));

    @Test
    void workThatTypesDoNotTellIsLeftToTheCall() {
        Session s = SmallModels.model(REGIONS).session(SessionOptions.standard().optimize(false));
        String plan = assertTimeoutPreemptively(PATIENCE, () -> s.inspect().explain(X));
        assertThat(plan).contains("RoiAlign");
    }

    @Test
    void aPlanFoldsManyNodesOnlyAsFarAsAllOfThemTakeLittle() {
        StringBuilder text = new StringBuilder("""
                graph (%x: f32[1]) {
                  %image = const f32[1,64,8,8] @w1x64x8x8
                  %region = const f32[1,4] {0, 0, 8, 8}
                  %first = const i64[1] {0}
                """);
        int nodes = 2000;
        for (int i = 0; i < nodes; i++) {
            text.append("  %p" + i + " = RoiAlign<sampling_ratio=8000>(%image, %region, %first)\n");
        }
        text.append("  %y = Sum(%x");
        for (int i = 0; i < nodes; i++) {
            text.append(", %p" + i);
        }
        Session s = SmallModels.model(text + ")\n  return %y\n}\n")
                .session(SessionOptions.standard().optimize(false));
        String plan = assertTimeoutPreemptively(PATIENCE, () -> s.inspect().explain(X));
        assertThat(plan).contains("RoiAlign");
    }

    @Test
    void theTimeLimitEndsACallWhosePlanWouldTakeLong() {
        Session s = SmallModels.model(REGIONS)
                .session(SessionOptions.standard().optimize(false).timeLimit(Duration.ofMillis(200)));
        TenonException e = Typed.failure(() -> s.predict(X));
        assertThat(e)
                .isInstanceOf(InterruptedPredictionException.class)
                .hasMessageContaining("the time limit was reached")
                .hasMessageContaining("SessionOptions.timeLimit");
    }

    /** Passes its operand on. Inferring its type takes a while once it is told so. */
    private record SlowToInfer(AtomicLong nanos) implements Op {
        private static final OpSchema SCHEMA = OpSchema.of("test.example", "SlowToInfer")
                .input("x", "T")
                .output("y", "T")
                .where("T", Types.FLOAT32);

        @Override
        public OpSchema schema() {
            return SCHEMA;
        }

        @Override
        public List<ValueType> infer(InferContext c) {
            long end = System.nanoTime() + nanos.get();
            for (long left = nanos.get(); left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            return List.of(c.type(0));
        }

        @Override
        public List<Datum> reference(Operands in) {
            return List.of(in.tensor(0).copy());
        }
    }

    private static Model slowToPlan(AtomicLong nanos, int nodes) {
        GraphBuilder g = new GraphBuilder("slow");
        Value v = g.input("x", ValueType.parse("f32[n]"));
        for (int i = 0; i < nodes; i++) {
            v = g.add(new SlowToInfer(nanos), v);
        }
        g.output("y", v);
        return Model.of(g.build());
    }

    @Test
    void theTimeOfACallCountsItsPlan() {
        AtomicLong nanos = new AtomicLong();
        Duration limit = Duration.ofSeconds(2);
        Session s = slowToPlan(nanos, 1)
                .session(SessionOptions.standard().optimize(false).timeLimit(limit));
        assertThat(s.predict(X).tensor().toFloatArray()).containsExactly(1);
        nanos.set(limit.toNanos() + 1);
        Map<String, Tensor> others = Map.of("x", Tensor.of(new float[] {1, 2}));
        assertThat(Typed.failure(() -> s.predict(others)))
                .isInstanceOf(InterruptedPredictionException.class)
                .hasMessageContaining("allowed 2000 ms")
                .hasMessageContaining("SessionOptions.timeLimit");
        nanos.set(0);
        assertThat(s.predict(others).tensor().toFloatArray())
                .as("the plan is there")
                .containsExactly(1, 2);
    }

    @Test
    void planningEndsAtTheTimeOfItsCall() {
        AtomicLong nanos = new AtomicLong();
        Session s = slowToPlan(nanos, 10_000)
                .session(SessionOptions.standard().optimize(false).timeLimit(Duration.ofMillis(200)));
        nanos.set(Duration.ofMillis(20).toNanos());
        assertThat(Typed.failure(() -> s.predict(X)))
                .isInstanceOf(InterruptedPredictionException.class)
                .hasMessageContaining("planning for inputs")
                .hasMessageContaining("SessionOptions.timeLimit");
    }
}
