package dev.tenon.compression.calibrate;

import dev.tenon.Model;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.StepContext;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Computes the Gram matrices of layers, in as many passes over the samples as the memory asks for. */
public final class GramMatrices {
    /** The bytes of the matrices of one pass, unless a single one is larger. */
    private static final long BYTES = 512L << 20;

    private GramMatrices() {}

    /**
     * Computes the matrix of each layer.
     *
     * @param model the model
     * @param layers layers of its graph
     * @param context gives the samples
     * @param action receives each layer with its matrix, in order
     */
    public static void forEach(
            Model model, List<LinearLayer> layers, StepContext context, BiConsumer<LinearLayer, GramMatrix> action) {
        List<LinearLayer> pass = new ArrayList<>();
        long bytes = 0;
        for (LinearLayer layer : layers) {
            long more = GramMatrix.bytes(layer);
            if (!pass.isEmpty() && bytes + more > BYTES) {
                run(model, pass, context, action);
                pass.clear();
                bytes = 0;
            }
            pass.add(layer);
            bytes += more;
        }
        if (!pass.isEmpty()) {
            run(model, pass, context, action);
        }
    }

    private static void run(
            Model model, List<LinearLayer> layers, StepContext context, BiConsumer<LinearLayer, GramMatrix> action) {
        Map<String, List<GramMatrix>> byInput = new HashMap<>();
        List<GramMatrix> matrices = new ArrayList<>();
        Set<String> values = new LinkedHashSet<>();
        for (LinearLayer layer : layers) {
            GramMatrix matrix = new GramMatrix(layer);
            matrices.add(matrix);
            values.add(layer.input().name());
            byInput.computeIfAbsent(layer.input().name(), name -> new ArrayList<>())
                    .add(matrix);
        }
        context.observe(
                model,
                values,
                "second moments",
                (name, value) -> byInput.get(name).forEach(m -> m.add((Tensor) value)));
        for (int i = 0; i < layers.size(); i++) {
            action.accept(layers.get(i), matrices.get(i));
        }
    }
}
