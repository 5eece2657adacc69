package dev.tenon.compression.prune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.prune.ChannelFamilies.Channel;
import dev.tenon.compression.prune.ChannelFamilies.Use;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Removes channels from networks of tests. */
final class ChannelRemoval {
    private ChannelRemoval() {}

    /**
     * Compares the network without channels and the one in which no layer looks at them.
     *
     * @param model the network
     * @param axes its axes
     * @param removed the channels; those without which an axis would be empty stay
     * @param dims the shape of an input
     * @return the network without the channels
     */
    static Model check(Model model, AxisIndices axes, List<Channel> removed, long[] dims) {
        Set<Integer> roots = new HashSet<>();
        removed.forEach(channel -> roots.add(channel.root()));
        StructuredPruning.keepAxes(model.graph(), axes, roots);
        Graph smaller = new Shrinking(axes, roots).apply(model.graph());
        GraphEditor editor = new GraphEditor(model.graph());
        for (LinearLayer layer : LinearLayer.of(model.graph())) {
            float[] w = layer.matrix();
            for (Channel channel : removed) {
                for (Use use : channel.users()) {
                    if (use.layer().node() == layer.node() && roots.contains(channel.root())) {
                        for (int o = 0; o < layer.outputs(); o++) {
                            for (int place : use.places()) {
                                w[o * layer.terms() + place] = 0;
                            }
                        }
                    }
                }
            }
            editor.replaceConstant(layer.weight(), layer.stored(w));
        }
        Model blind = model.withGraph(editor.build());
        Model shrunk = model.withGraph(smaller);
        assertThat(roots.isEmpty() || weights(shrunk) < weights(model)).isTrue();
        for (Map<String, Tensor> call : Nets.calls(8, 2, dims)) {
            assertThat(Nets.difference(
                            shrunk.predict(call).tensor("y"),
                            blind.predict(call).tensor("y")))
                    .isLessThan(1e-5);
        }
        return shrunk;
    }

    private static long weights(Model model) {
        return LinearLayer.of(model.graph()).stream()
                .mapToLong(layer -> layer.weight().constant().size())
                .sum();
    }
}
