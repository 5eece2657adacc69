package dev.tenon.compression.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Orders choices by what they gain for the harm that they do, as if gains and harms of layers added up. Each layer takes one
 * option at most: a multiple-choice knapsack. Its linear relaxation is solved by the upper convex hull of each layer's options
 * in the plane of harm and gain, and by taking the edges of all hulls in the order of their slopes (Sinha and Zoltners 1979,
 * "The multiple-choice knapsack problem"). So each beginning of the order is the best plan for the harm that it does.
 */
final class Knapsack {
    /**
     * The effect of a choice, compared with the layer as it was.
     *
     * @param gain how much smaller it makes the objective, in any unit
     * @param harm how far it moves the outputs, in any unit
     */
    record Effect(double gain, double harm) {
        static final Effect NONE = new Effect(0, 0);
    }

    /** An edge of a hull: a layer changes from the choice before to another one. */
    private record Edge(Choice to, double gain, double harm) {
        double slope() {
            return harm <= 0 ? Double.POSITIVE_INFINITY : gain / harm;
        }
    }

    private Knapsack() {}

    /**
     * Orders choices.
     *
     * @param effects the effect of each choice; its order decides between equals
     * @param current the option that each layer has already; its effect is known
     * @return the choices in the order in which they are to be made. Each gains more than the choice of the same layer before it
     */
    static List<Choice> order(Map<Choice, Effect> effects, Map<String, String> current) {
        Map<String, List<Choice>> byLayer = new LinkedHashMap<>();
        for (Choice choice : effects.keySet()) {
            byLayer.computeIfAbsent(choice.layer(), layer -> new ArrayList<>()).add(choice);
        }
        List<Edge> edges = new ArrayList<>();
        byLayer.forEach((layer, choices) -> {
            Effect from = current.containsKey(layer)
                    ? effects.getOrDefault(new Choice(layer, current.get(layer)), Effect.NONE)
                    : Effect.NONE;
            edges.addAll(hull(choices, effects, from));
        });
        edges.sort(Comparator.comparingDouble(Edge::slope)
                .reversed()
                .thenComparing(Edge::gain, Comparator.reverseOrder()));
        return edges.stream().map(Edge::to).toList();
    }

    /** The edges of a layer's hull from an effect on, steepest first. */
    private static List<Edge> hull(List<Choice> choices, Map<Choice, Effect> effects, Effect start) {
        List<Edge> edges = new ArrayList<>();
        Effect from = start;
        while (true) {
            Edge best = null;
            for (Choice choice : choices) {
                Effect to = effects.get(choice);
                Edge edge = new Edge(choice, to.gain() - from.gain(), to.harm() - from.harm());
                if (edge.gain() > 0 && (best == null || isSteeper(edge, best))) {
                    best = edge;
                }
            }
            if (best == null) {
                return edges;
            }
            edges.add(best);
            from = effects.get(best.to());
        }
    }

    private static boolean isSteeper(Edge edge, Edge than) {
        int bySlope = Double.compare(edge.slope(), than.slope());
        return bySlope > 0 || bySlope == 0 && edge.gain() > than.gain();
    }
}
