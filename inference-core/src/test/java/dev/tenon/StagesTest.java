package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.Graph;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.op.Numerics;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.SqueezeExcite;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of several stages. Each stage sees the results of the stage before, for any number of threads. */
@Tag("vector")
class StagesTest {
    private static final int THREADS = 4;
    private static final int RUNS = 20;

    /** Gates on planes of a shape, which may be known only during the call. */
    private static Graph gates(String planes) {
        return SmallModels.graph("""
            graph gates(%x: f32[b,20,h,w], %keep: bool[b]) {
              %k = const f32[20,20,1,1] @w20x20x1x1
              %w1 = const f32[5,20,1,1] @w5x20x1x1
              %w2 = const f32[20,5,1,1] @w20x5x1x1
              %b2 = const f32[20] @b20
              %n = PLANES
              %a = Conv(%n, %k)
              %p = GlobalAveragePool(%a)
              %c = Conv(%p, %w1)
              %r = Relu(%c)
              %d = Conv(%r, %w2, %b2)
              %g = Sigmoid(%d)
              %m = Mul(%a, %g)
              %y = Add(%a, %m)
              return %y
            }
            """.replace("PLANES", planes));
    }

    private static boolean isGates(Object op) {
        return op instanceof SqueezeExcite
                || op instanceof ChannelsLast last && isGates(last.op())
                || op instanceof Fused fused
                        && fused.anchor() != null
                        && isGates(fused.anchor().op());
    }

    private static void check(Graph graph, long... dims) {
        assertThat(Pipeline.standard().withLayouts().apply(graph).nodes()).anyMatch(n -> isGates(n.op()));
        Tensor x = SmallModels.random(dims);
        Tensor keep = Tensor.allocate(DType.BOOL, dims[0]);
        for (long i = 0; i < keep.size(); i += 2) {
            keep.setBoolean(i, true);
        }
        List<Datum> expected = Interpreter.run(graph, List.of(x, keep));
        Map<String, Tensor> inputs = Map.of("x", x, "keep", keep);
        Model model = Model.of(graph);
        Tensor alone = (Tensor) model.session(SessionOptions.standard().threads(1))
                .predict(inputs)
                .get("y");
        Closeness.check("gates", alone, expected.getFirst(), null, new Numerics(8, 64, 4));
        Session shared = model.session(SessionOptions.standard().threads(THREADS));
        for (int i = 0; i < RUNS; i++) {
            Tensor together = (Tensor) shared.predict(inputs).get("y");
            assertThat(together.contentEquals(alone)).as("run %s", i).isTrue();
        }
    }

    @Test
    void stagesFollowEachOther() {
        check(gates("Neg(%x)"), 3, 20, 61, 67);
    }

    @Test
    void shapesThatAreOnlyKnownDuringTheCall() {
        check(gates("Compress<axis=0>(%x, %keep)"), 3, 20, 61, 67);
    }
}
