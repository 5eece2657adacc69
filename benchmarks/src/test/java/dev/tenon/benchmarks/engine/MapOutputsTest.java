package dev.tenon.benchmarks.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.tabular.ZipMap;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose output is a sequence of maps runs in both engines, with equal values. */
class MapOutputsTest {
    private static final float[] X = {0.5f, 0.25f, 0.125f, 1, 2, 3};

    @Test
    void mapsAreCompared(@TempDir Path folder) {
        GraphBuilder b = new GraphBuilder("maps");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(2, 3)));
        Value maps = b.add(ZipMap.of(Attributes.none().with("classlabels_int64s", new long[] {7, 3, 5})), x);
        Path file = folder.resolve("maps.onnx");
        Model.of(b.output("y", maps).build()).save(file);
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(X, 2, 3));
        try (TenonRun tenon = new TenonRun(file, 1, inputs);
                OnnxRuntimeRun peer = new OnnxRuntimeRun(file, 1, inputs)) {
            tenon.run();
            peer.run();
            // Values come in the order of the keys.
            assertThat(tenon.output()).containsExactly(0.25f, 0.125f, 0.5f, 2, 3, 1);
            assertThat(peer.output()).containsExactly(tenon.output());
        }
    }
}
