package dev.tenon.compression.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import dev.tenon.Model;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.prune.ChannelFamilies.Channel;
import dev.tenon.compression.prune.ChannelFamilies.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random networks without some of the channels that may go away compute what the whole networks do when no layer looks at
 * these channels. Layers that lose none have a reason.
 */
class RandomNetsTest {
    private static final long[] DIMS = {1, 3, 4, 4};
    private static final int NETS = 40;
    private static final int NODES = 8;

    @ParameterizedTest(name = "seeds from {0}")
    @ValueSource(longs = {0, 1000, 2000})
    void channelsGoAwayExactly(long first) throws OrtException {
        int removed = 0;
        for (long seed = first; seed < first + NETS; seed++) {
            Model model = RandomNet.of(seed, NODES);
            AxisIndices axes = AxisIndices.of(model.graph());
            ChannelFamilies channels = ChannelFamilies.of(model.graph(), axes, LayerFilter.all(), true);
            Random random = new Random(seed);
            List<Channel> chosen = new ArrayList<>();
            for (Family family : channels.families()) {
                for (Channel channel : family.channels()) {
                    if (random.nextInt(3) == 0) {
                        chosen.add(channel);
                    }
                }
            }
            removed += chosen.size();
            try {
                Model smaller = ChannelRemoval.check(model, axes, chosen, DIMS);
                if (seed % 8 == 0) {
                    Nets.checkInOnnxRuntime(smaller, Nets.calls(seed, 1, DIMS).getFirst());
                }
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
            for (LinearLayer layer : LinearLayer.of(model.graph())) {
                boolean isInFamily = channels.families().stream()
                        .anyMatch(f -> f.makers().stream().anyMatch(l -> l.node() == layer.node()));
                boolean hasReason = channels.left().keySet().stream().anyMatch(l -> l.node() == layer.node());
                assertThat(isInFamily).as("seed %d, %s", seed, layer).isNotEqualTo(hasReason);
            }
        }
        assertThat(removed).isGreaterThan(NETS);
    }
}
