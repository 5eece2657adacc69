package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps and the memory that planning saves, as sessions show them. They are found when a caller asks. */
class SavingsTest {
    private static final String GRAPH = """
        graph spare(%x: f32[n,4]) {
          %all = const i64[1] {-1}
          %a = Exp(%x) "first"
          %b = Sigmoid(%a) "over"
          %c = Neg(%x) "other"
          %both = Concat<axis=0>(%b, %c) "both"
          %s = Shape(%both) "sizes"
          %r = Reshape(%both, %all) "flat"
          %twice = Concat<axis=0>(%r, %r) "twice"
          return %twice, %s
        }
        """;

    private static final SessionOptions PLAIN = SessionOptions.standard().optimize(false);
    private static final Map<String, Tensor> INPUTS = Map.of("x", SmallModels.random(4, 4));

    @TempDir
    private Path folder;

    @Test
    void planningShowsItsSavingsAndTheReasonsAgainstMore() {
        Session session = SmallModels.model(GRAPH).session(PLAIN);
        assertThat(session.inspect().savings(INPUTS).print().lines())
                .contains(
                        "fired in-place at Sigmoid 'over' in spare",
                        "fired joined at Concat 'both' in spare",
                        "fired known-result at Shape 'sizes' in spare",
                        "fired view at Reshape 'flat' in spare",
                        "near miss in-place at Exp 'first' in spare: the operand is an input of the graph",
                        "near miss in-place at Neg 'other' in spare: the operand is an input of the graph",
                        "near miss joined at Concat 'twice' in spare: an operand is an input of the graph, or shares its"
                                + " memory");
        assertThat(session.inspect().explain(INPUTS))
                .contains("in-place 1 time at Sigmoid 'over' in spare\n")
                .contains(
                        "near miss of in-place 2 times at Exp 'first' in spare, Neg 'other' in spare: the operand is");
        assertThat(session.inspect().rewrites().print()).isEmpty();
    }

    @Test
    void rewritesAreFoundAgainEachTime() {
        Session session = SmallModels.perceptron().session();
        RewriteTrace first = session.inspect().rewrites();
        assertThat(first.counts()).containsEntry("fusion", 2);
        assertThat(session.inspect().rewrites()).isNotSameAs(first);
        assertThat(session.inspect().rewrites().print()).isEqualTo(first.print());
    }

    @Test
    void packagesShowSavingsOfPlansAlone() {
        Session session = SmallModels.perceptron().session();
        Path file = folder.resolve("model.tenon");
        session.save(file);
        Session loaded = Model.load(file).session();
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(3, 16));
        assertThat(loaded.inspect().rewrites().print()).isEmpty();
        assertThat(loaded.inspect().savings(inputs).print())
                .isEqualTo(session.inspect().savings(inputs).print());
    }
}
