package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.tabular.Aggregate;
import dev.tenon.op.tabular.PostTransform;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.op.tabular.model.Forest;
import dev.tenon.op.tabular.model.ForestBuilder;
import dev.tenon.op.tabular.model.NodeMode;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Work that a model asks for in places that are easily forgotten, and that the limits end. */
class WorkOfModelsTest {
    private static final int SHAPES = 600;

    @TempDir
    private Path folder;

    private Path saved(String name, int shapes) {
        Session session = SmallModels.perceptron().session();
        for (int n = 1; n <= shapes; n++) {
            session.predict(Map.of("x", Tensor.allocate(DType.FLOAT32, n, 16)));
        }
        Path path = folder.resolve(name);
        session.save(path);
        return path;
    }

    private static boolean makesSession(Path path, long operations) {
        try {
            Model.load(path).session(SessionOptions.standard().maxOperations(operations));
            return true;
        } catch (ResourceLimitException e) {
            assertThat(e).hasMessageContaining("SessionOptions.maxOperations");
            return false;
        }
    }

    /** The plans that a package asks for are made under the budget of the session, all of them together. */
    @Test
    void plansOfAPackage() {
        Path few = saved("few.tenon", 1);
        Path many = saved("many.tenon", SHAPES);
        long operations = 1 << 13;
        while (!makesSession(few, operations)) {
            operations *= 2;
        }
        assertThat(makesSession(many, operations))
                .as("%d shapes with %d operations", SHAPES, operations)
                .isFalse();
        assertThat(makesSession(many, Long.MAX_VALUE)).isTrue();
        assertThatThrownBy(
                        () -> Model.load(many).session(SessionOptions.standard().preparationTime(Duration.ZERO)))
                .isInstanceOf(InterruptedPredictionException.class);
    }

    private static ForestBuilder forest() {
        return new ForestBuilder(Long.MAX_VALUE, IllegalStateException::new);
    }

    /** Trees that share a chain of nodes: the way of a row is as long as the square of the model. */
    private static Forest sharedChain(int n) {
        ForestBuilder b = forest();
        int leaf = b.leaf(0, 1);
        for (int i = 0; i < n; i++) {
            b.node(NodeMode.BRANCH_LT, 0, 1, false);
            b.children(i, i + 1 < n ? i + 1 : leaf, leaf);
        }
        for (int i = 0; i < n; i++) {
            b.tree(0);
        }
        return b.build("chain", 1, DType.FLOAT32);
    }

    /** Trees that are one leaf with many weights. */
    private static Forest sharedLeaf(int n) {
        ForestBuilder b = forest();
        int leaf = b.leaf();
        for (int i = 0; i < n; i++) {
            b.weight(0, 1);
        }
        for (int i = 0; i < n; i++) {
            b.tree(leaf);
        }
        return b.build("leaf", 1, DType.FLOAT32);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void treesThatShareTheirParts(boolean chain) {
        int n = 60_000;
        Forest forest = chain ? sharedChain(n) : sharedLeaf(n);
        assertThat(forest.mostSteps()).isEqualTo(chain ? n * (n + 2L) : n * (n + 1L));
        GraphBuilder g = new GraphBuilder("trees");
        Value x = g.input("x", ValueType.parse("f32[n,1]"));
        g.output("y", g.add(new TreeEnsemble(forest, Aggregate.SUM, PostTransform.NONE), x));
        Session session = Model.of(g.build()).session(SessionOptions.standard().timeLimit(Duration.ofMillis(200)));
        assertThatThrownBy(() -> session.predict(Map.of("x", Tensor.allocate(DType.FLOAT32, 64, 1))))
                .isInstanceOf(InterruptedPredictionException.class)
                .hasMessageContaining("TreeEnsemble");
    }

    /** A wrong name among very many outputs is found in one pass over them. */
    @Test
    void unknownOutputAmongMany() {
        int n = 60_000;
        GraphBuilder g = new GraphBuilder("outputs");
        Value x = g.input("x", ValueType.parse("f32[2]"));
        Map<String, Tensor> outputs = new HashMap<>();
        for (int i = 0; i < n; i++) {
            g.output("y" + i, x);
            outputs.put("y" + i, Tensor.allocate(DType.FLOAT32, 2));
        }
        outputs.put("z", Tensor.allocate(DType.FLOAT32, 2));
        Session session = Model.of(g.build()).session();
        assertThatThrownBy(() -> session.predict(Map.of("x", Tensor.of(new float[] {1, 2})), outputs))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("output 'z'")
                .hasMessageContaining("no such output");
    }
}
