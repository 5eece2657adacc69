package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.NewValue;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Collection;
import java.util.Optional;

/**
 * Rounds the weights of layers to a number of levels, one scale a layer, and stores them as integers. A step of tests: plain, and
 * as harmful as few levels are.
 *
 * @param name the name
 * @param levels the levels on each side of 0: at most 127; up to 7 are stored in 4 bits
 * @param layers the layers
 */
public record RoundedWeights(String name, int levels, LayerFilter layers) implements Step {
    private static final int LEVELS_OF_INT4 = 7;

    @Override
    public boolean needsSamples() {
        return false;
    }

    @Override
    public Optional<Step> leaving(Collection<String> names) {
        return Optional.of(new RoundedWeights(name, levels, layers.leaving(names)));
    }

    @Override
    public Model apply(Model model, StepContext context) {
        GraphEditor editor = new GraphEditor(model.graph());
        for (LinearLayer layer : LinearLayer.of(model.graph())) {
            context.progress(layer.name(), 0.5);
            if (!layers.accepts(layer.node())) {
                context.report(LayerReport.kept(layer.name(), name, "not asked for"));
                continue;
            }
            float[] w = layer.weight().constant().toFloatArray();
            float most = 0;
            for (float x : w) {
                most = Math.max(most, Math.abs(x));
            }
            float scale = most == 0 ? 1 : most / levels;
            DType type = levels <= LEVELS_OF_INT4 ? DType.INT4 : DType.INT8;
            Tensor stored = Tensor.allocate(type, layer.weight().constant().dims());
            for (int i = 0; i < w.length; i++) {
                stored.setLong(i, Math.round(w[i] / scale));
            }
            NewValue rounded = editor.add(
                    new DequantizeLinear(1, 0, null), editor.constant(stored), editor.constant(Tensor.scalar(scale)));
            editor.replaceOperand(layer.node(), 1, rounded);
            context.report(LayerReport.changed(layer.name(), name, type.bits(), 0, 0));
        }
        return model.withGraph(editor.build());
    }
}
