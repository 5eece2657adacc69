package dev.tenon.compression.prune;

import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LinearLayer;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.nn.Conv;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** The parts of a graph that can go away: classes of indices with the layers that make and use them, in families. */
final class ChannelFamilies {
    private final List<Family> families = new ArrayList<>();
    private final Map<LinearLayer, String> left = new LinkedHashMap<>();

    /**
     * Places of a class in a layer.
     *
     * @param layer the layer
     * @param places rows of its matrix where it makes the class, terms where it uses it
     */
    record Use(LinearLayer layer, int[] places) {}

    /** A channel, neuron or head: indices that only go away together. */
    static final class Channel {
        private final int root;
        private final Map<LinearLayer, List<Integer>> makers = new LinkedHashMap<>();
        private final Map<LinearLayer, List<Integer>> users = new LinkedHashMap<>();

        private Channel(int root) {
            this.root = root;
        }

        int root() {
            return root;
        }

        /** The rows of the layers that make it. */
        List<Use> makers() {
            return uses(makers);
        }

        /** The terms of the layers that use it. */
        List<Use> users() {
            return uses(users);
        }

        private static List<Use> uses(Map<LinearLayer, List<Integer>> places) {
            List<Use> uses = new ArrayList<>();
            places.forEach((layer, of) -> uses.add(
                    new Use(layer, of.stream().mapToInt(Integer::intValue).toArray())));
            return uses;
        }
    }

    /**
     * Channels that the same layers make.
     *
     * @param makers the layers, in the order of the graph
     * @param channels the channels, in the order of their first index
     */
    record Family(Set<LinearLayer> makers, List<Channel> channels) {}

    private ChannelFamilies() {}

    /** The families that may lose channels. */
    List<Family> families() {
        return families;
    }

    /** The layers none of whose outputs may go away, with the reason. */
    Map<LinearLayer, String> left() {
        return left;
    }

    /**
     * Finds the channels of a graph.
     *
     * @param graph the graph
     * @param axes its axes
     * @param filter the layers whose outputs may go away
     * @param hasLastHidden whether neurons may go away that only the last layers use
     * @return the channels
     */
    static ChannelFamilies of(Graph graph, AxisIndices axes, LayerFilter filter, boolean hasLastHidden) {
        List<LinearLayer> layers = LinearLayer.of(graph);
        Map<Integer, Channel> channels = new TreeMap<>();
        for (LinearLayer layer : layers) {
            int[] made = axes.ids(layer.weight(), layer.outputAxis());
            if (made != null && !filter.accepts(layer.node())) {
                axes.atoms().freeze(made, "not chosen");
            }
            add(channels, layer, made, 1, axes, true);
            int axis = layer.node().op() instanceof Conv ? 1 : 1 - layer.outputAxis();
            int[] used = axes.ids(layer.weight(), axis);
            add(channels, layer, used, used == null ? 1 : layer.terms() / used.length, axes, false);
        }
        if (!hasLastHidden) {
            keepLastHidden(graph, axes, channels.values());
        }
        ChannelFamilies found = new ChannelFamilies();
        Map<List<LinearLayer>, Family> byMakers = new LinkedHashMap<>();
        for (Channel channel : channels.values()) {
            if (!channel.makers.isEmpty() && axes.atoms().frozen(channel.root) == null) {
                byMakers.computeIfAbsent(
                                List.copyOf(channel.makers.keySet()),
                                makers -> new Family(new LinkedHashSet<>(makers), new ArrayList<>()))
                        .channels()
                        .add(channel);
            }
        }
        found.families.addAll(byMakers.values());
        for (LinearLayer layer : layers) {
            if (found.families.stream().noneMatch(f -> f.makers().contains(layer))) {
                found.left.put(layer, reason(layer, axes));
            }
        }
        return found;
    }

    /** Freezes the neurons of products that only the last layers use. */
    private static void keepLastHidden(Graph graph, AxisIndices axes, Collection<Channel> channels) {
        Set<Node> last = lastLayers(graph);
        for (Channel channel : channels) {
            boolean isNeuron =
                    channel.makers.keySet().stream().noneMatch(l -> l.node().op() instanceof Conv);
            List<Use> users = channel.users();
            if (isNeuron
                    && !users.isEmpty()
                    && users.stream().allMatch(u -> last.contains(u.layer().node()))) {
                axes.atoms().freeze(new int[] {channel.root}, "only the last layer uses it");
            }
        }
    }

    /** The nodes that no layer comes after. */
    private static Set<Node> lastLayers(Graph graph) {
        Set<Node> layers = Collections.newSetFromMap(new IdentityHashMap<>());
        LinearLayer.of(graph).forEach(layer -> layers.add(layer.node()));
        Set<Node> last = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Value> before = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node node : graph.nodes().reversed()) {
            boolean isBefore = node.outputs().stream().anyMatch(before::contains);
            if (layers.contains(node) && !isBefore) {
                last.add(node);
            }
            if (layers.contains(node) || isBefore) {
                node.inputs().stream().filter(Objects::nonNull).forEach(before::add);
            }
        }
        return last;
    }

    private static void add(
            Map<Integer, Channel> channels, LinearLayer layer, int[] ids, int taps, AxisIndices axes, boolean isMade) {
        if (ids == null) {
            return;
        }
        for (int i = 0; i < ids.length; i++) {
            Channel channel = channels.computeIfAbsent(axes.atoms().find(ids[i]), Channel::new);
            List<Integer> places =
                    (isMade ? channel.makers : channel.users).computeIfAbsent(layer, key -> new ArrayList<>());
            for (int t = 0; t < taps; t++) {
                places.add(i * taps + t);
            }
        }
    }

    private static String reason(LinearLayer layer, AxisIndices axes) {
        int[] made = axes.ids(layer.weight(), layer.outputAxis());
        String frozen = made == null || made.length == 0 ? null : axes.atoms().frozen(made[0]);
        return frozen == null ? "its outputs are not followed" : frozen;
    }
}
