package dev.tenon.benchmarks.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which graphs oneDNN computes, and by which of its kernels. Other tests compare results. */
@Tag("vector")
class OneDnnRunTest {
    private static final Tensor X = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    private static final Tensor W = Tensor.of(new float[] {1, 0, 0, 1, 1, 1}, 3, 2);

    private static Graph product() {
        GraphBuilder b = new GraphBuilder("product");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(2, 3)));
        return b.output("y", b.add(new MatMul(), x, b.constant("w", W))).build();
    }

    private static Tensor bytes(int value, long... dims) {
        Tensor t = Tensor.allocate(DType.INT8, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, value);
        }
        return t;
    }

    private static Graph integers(int zeroPoint) {
        GraphBuilder b = new GraphBuilder("integers");
        Value x = b.input("x", new TensorType(DType.INT8, Shape.of(1, 3)));
        Value none = b.constant("xz", bytes(0));
        Value zero = b.constant("wz", bytes(zeroPoint));
        return b.output("y", b.add(new MatMulInteger(), x, b.constant("w", bytes(2, 3, 1)), none, zero))
                .build();
    }

    @Test
    void multipliesWhereItIsInstalled() {
        String absence = Engines.absence(Engines.ONEDNN);
        if (absence != null) {
            assertThat(absence).isNotBlank();
            assertThatThrownBy(() -> new OneDnnRun(product(), Map.of("x", X)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("onednn cannot run here: ");
            return;
        }
        assertThat(Engines.describe(Engines.ONEDNN)).matches("oneDNN 3\\.\\d+\\.\\d+, one thread");
        try (OneDnnRun run = new OneDnnRun(product(), Map.of("x", X))) {
            run.run();
            run.run();
            assertThat(run.output()).containsExactly(4, 5, 10, 11);
        }
    }

    @Test
    void itsKernelsAreNotThoseOfItsReference() {
        assumeThat(Engines.absence(Engines.ONEDNN)).isNull();
        try (OneDnnRun run = new OneDnnRun(product(), Map.of("x", X))) {
            assertThat(run.implementation()).doesNotStartWith("ref");
        }
        try (OneDnnRun run = new OneDnnRun(integers(0), Map.of("x", bytes(1, 1, 3)))) {
            assertThat(run.implementation()).doesNotStartWith("ref");
            run.run();
            assertThat(run.output()).containsExactly(6);
        }
    }

    @Test
    void otherGraphsAreNotTaken() {
        assertThat(OneDnnRun.takes(product(), Map.of("x", X))).isTrue();
        assertThat(OneDnnRun.takes(integers(0), Map.of("x", bytes(1, 1, 3)))).isTrue();
        assertThat(OneDnnRun.takes(integers(1), Map.of("x", bytes(1, 1, 3)))).isFalse();
        GraphBuilder b = new GraphBuilder("sum");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(2, 3)));
        assertThat(OneDnnRun.takes(b.output("y", b.add(new Add(), x, x)).build(), Map.of("x", X)))
                .isFalse();
    }
}
