package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Allocation;
import dev.tenon.testkit.Tier;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In the steady state, a call into given outputs allocates nothing, on the calling thread and on workers. */
@Tag("tiers")
@Tag("fresh")
class AllocationTest {
    private static final int CALLS = 10_000;
    private static final Allocation BOUND = new Allocation(64 * CALLS, 0);

    /** Checks the allocation of calls whose code is compiled. */
    private static void check(Runnable call) {
        Allocation found = Allocation.steady(CALLS, BOUND, call);
        assertThat(found.caller()).as("bytes of %d calls on the caller", CALLS).isLessThanOrEqualTo(BOUND.caller());
        assertThat(found.workers()).as("bytes on workers").isZero();
    }

    private static void check(Session session, Map<String, Tensor> inputs) {
        Tensor y = session.predict(inputs).tensor();
        Map<String, Tensor> outputs = Map.of("y", y);
        check(() -> session.predict(inputs, outputs));
        PreparedCall prepared = session.prepare(inputs);
        check(prepared::run);
    }

    private static Session session(Model model, int threads) {
        return model.session(SessionOptions.standard().threads(threads));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aPerceptron(int threads) {
        check(session(SmallModels.perceptron(), threads), Map.of("x", SmallModels.random(3, 16)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void movesAndChangesOfShape(int threads) {
        check(session(SmallModels.shuffle(), threads), Map.of("x", SmallModels.random(5, 4, 6)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void stepsThatAreWorthSharing(int threads) {
        Model model = SmallModels.model("""
            graph shared(%x: f32[rows,64]) {
              %turned = Transpose<perm=[1, 0]>(%x)
              %y = Softmax<axis=-1>(%turned)
              return %y
            }
            """);
        Session session = session(model, threads);
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(Tier.name().equals("plain") ? 128 : 2048, 64));
        Map<String, Tensor> outputs = Map.of("y", session.predict(inputs).tensor());
        check(() -> session.predict(inputs, outputs));
        boolean canShare = threads > 1 && Runtime.getRuntime().availableProcessors() > 1;
        assertThat(!Allocation.areThereWorkers() && canShare)
                .as("no worker has ever started")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void outputsThatAreNotGiven(int threads) {
        Model model = SmallModels.model("""
            graph several(%x: f32[rows,64]) {
              %y = Softmax<axis=-1>(%x)
              %z = Transpose<perm=[1, 0]>(%x)
              return %y, %z, same=%x
            }
            """);
        Session session = session(model, threads);
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(4, 64));
        Map<String, Tensor> outputs = Map.of("y", session.predict(inputs).tensor("y"));
        check(() -> session.predict(inputs, outputs));
        assertThat(List.copyOf(outputs.keySet())).containsExactly("y");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void statesThatAreWrittenInPlace(int threads) {
        Model model = SmallModels.model("""
            graph step(%w: f32[n,n], %v: f32[n,n], %x: f32[n,n]) {
              %y = MatMul(%x, %w)
              %v1 = Add(%v, %y)
              %w1 = Sub(%w, %v1)
              return %w1, %v1, old=%w
            }
            """);
        Session session = model.session(
                SessionOptions.standard().threads(threads).state("w", "w1").state("v", "v1"));
        Map<String, Tensor> inputs = Map.of("w", zeros(), "v", zeros(), "x", zeros());
        Map<String, Tensor> outputs = Map.of("old", zeros());
        check(() -> session.predict(inputs, outputs));
        check(session.prepare(inputs)::run);
    }

    private static Tensor zeros() {
        return Tensor.allocateNative(DType.FLOAT32, 40, 40);
    }

    /** Trees are walked without a byte, once everything is compiled: calls of one row are made by the million. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void oneRowOfTrees(int threads) {
        Model model = SmallModels.model("""
            graph trees(%x: f32[rows,2]) {
              %y = ai.onnx.ml.TreeEnsembleRegressor<n_targets=1, nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[1, 0, 0], nodes_modes=["BRANCH_LT", "LEAF", "LEAF"], nodes_values=[0.25f, 0.0f, 0.0f], nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0], target_treeids=[0, 0], target_nodeids=[1, 2], target_ids=[0, 0], target_weights=[1.0f, 2.0f]>(%x)
              return %y
            }
            """);
        PreparedCall call = session(model, threads).prepare(Map.of("x", SmallModels.random(1, 2)));
        Allocation lessThanAByte = new Allocation(CALLS - 1, 0);
        Allocation found = Allocation.steady(CALLS, lessThanAByte, call::run);
        assertThat(found.caller()).as("bytes of %d calls", CALLS).isLessThan(CALLS);
        assertThat(found.workers()).isZero();
    }
}
