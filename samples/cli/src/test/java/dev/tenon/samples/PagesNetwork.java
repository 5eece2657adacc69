package dev.tenon.samples;

import dev.tenon.Model;
import dev.tenon.formats.npy.Npy;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.tensor.Tensor;
import java.nio.file.Path;
import java.util.Random;

/** The network and the data that the pages compress: 64 classes, which are told apart with a wide margin. */
final class PagesNetwork {
    private static final int SIZE = 64;

    private PagesNetwork() {}

    static void write(Path folder) {
        Random random = new Random(3);
        String text = """
                graph network(%x: f32[rows,64]) {
                  %v = const f32[64,64] @v
                  %w = const f32[64,64] @w
                  %h = MatMul(%x, %v)
                  %r = Relu(%h)
                  %y = MatMul(%r, %w)
                  return %y
                }
                """;
        Model.of(GraphText.parse(text, StandardOperators.set(), name -> nearUnit(random)))
                .save(folder.resolve("model.onnx"));
        Npy.write(folder.resolve("calibration.npy"), nearUnit(random));
        Npy.write(folder.resolve("test.npy"), nearUnit(random));
        long[] labels = new long[SIZE];
        for (int i = 0; i < SIZE; i++) {
            labels[i] = i;
        }
        Npy.write(folder.resolve("labels.npy"), Tensor.of(labels));
    }

    /** The unit matrix, with some noise. */
    private static Tensor nearUnit(Random random) {
        float[] values = new float[SIZE * SIZE];
        for (int i = 0; i < values.length; i++) {
            values[i] = 0.01f * random.nextFloat() + (i % (SIZE + 1) == 0 ? 1 : 0);
        }
        return Tensor.of(values, SIZE, SIZE);
    }
}
