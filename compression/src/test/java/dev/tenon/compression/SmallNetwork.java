package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A small network of random weights for tests, with samples, and its own classes as labels. */
public final class SmallNetwork {
    private static final int SAMPLES = 120;
    private static final int[] WIDTHS = {8, 24, 16, 32, 12, 6};

    private SmallNetwork() {}

    /** The number of layers, which are called layer0, layer1 and so on. */
    public static final int LAYERS = WIDTHS.length - 1;

    /** The network. Its first layer has two weights that are much larger than the others, so that it can't be rounded well. */
    public static Model model() {
        Random random = new Random(5);
        GraphBuilder b = new GraphBuilder("small");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("rows"), Dim.of(WIDTHS[0]))));
        for (int i = 0; i < LAYERS; i++) {
            float[] w = new float[WIDTHS[i] * WIDTHS[i + 1]];
            for (int k = 0; k < w.length; k++) {
                w[k] = (float) (random.nextGaussian() / Math.sqrt(WIDTHS[i]));
            }
            if (i == 0) {
                w[3] = 9;
                w[70] = -9;
            }
            Value weight = b.constant("w" + i, Tensor.of(w, WIDTHS[i], WIDTHS[i + 1]));
            Value sum = b.add(new MatMul(), "layer" + i, List.of(x, weight), List.of("y" + i))
                    .getFirst();
            x = i == LAYERS - 1 ? sum : b.add(new Relu(), sum);
        }
        b.output(x);
        return Model.of(b.build());
    }

    /** Samples, one at a call. */
    public static Samples samples() {
        Random random = new Random(6);
        List<Map<String, Tensor>> calls = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            float[] x = new float[WIDTHS[0]];
            for (int k = 0; k < x.length; k++) {
                x[k] = (float) random.nextGaussian();
            }
            calls.add(Map.of("x", Tensor.of(x, 1, x.length)));
        }
        return Samples.of(calls);
    }

    /** The accuracy by the classes that the network itself gives. */
    public static Metric accuracy() {
        Model model = model();
        List<Long> labels = new ArrayList<>();
        samples().bind(model.inputs()).forEach(call -> {
            float[] y = model.predict(call.inputs()).tensor().toFloatArray();
            int best = 0;
            for (int k = 1; k < y.length; k++) {
                best = y[k] > y[best] ? k : best;
            }
            labels.add((long) best);
        });
        return Metric.accuracy(
                Tensor.of(labels.stream().mapToLong(Long::longValue).toArray()));
    }
}
