package dev.tenon.compression;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Leaves layers as they were until the loss is allowed. Each layer is compressed alone, which ranks the layers by how much they
 * hurt. A bisection along the ranking finds how many of them have to be left. Losses do not add up, so each layer that was
 * left is tried again at the end, the most harmless one first.
 */
final class LayerReverts {
    private final StepRunner runner;
    private final List<Step> steps;
    private final double allowedLoss;
    private final StepContext.Task task;
    private final Map<String, Score> alone = new LinkedHashMap<>();

    private int finished = 1;
    private int planned;
    private Attempt least;

    /**
     * A search for the layers to leave.
     *
     * @param runner runs the steps
     * @param steps the steps
     * @param allowedLoss the loss that is allowed
     * @param task receives the progress
     */
    LayerReverts(StepRunner runner, List<Step> steps, double allowedLoss, StepContext.Task task) {
        this.runner = runner;
        this.steps = steps;
        this.allowedLoss = allowedLoss;
        this.task = task;
    }

    /**
     * Improves a result that loses too much.
     *
     * @param all the result of the steps on all layers
     * @return a result whose loss is allowed, or the one that loses least
     */
    Attempt improve(Attempt all) {
        least = all;
        List<String> names = changed(all);
        boolean canLeave = steps.stream().anyMatch(s -> s.leaving(names).isPresent());
        if (names.isEmpty() || !canLeave) {
            return all;
        }
        planned = 1 + names.size() + Integer.SIZE - Integer.numberOfLeadingZeros(names.size()) + names.size() / 2;
        for (String name : names) {
            List<String> others = new ArrayList<>(names);
            others.remove(name);
            alone.put(name, attempt(others, "sensitivity of " + name).score().orElseThrow());
        }
        List<String> ranked = ranked(names);
        Attempt met = bisect(ranked);
        return named(met == null ? least : retried(met, ranked), all);
    }

    /** The layers that steps that can leave layers have changed, in order. */
    private List<String> changed(Attempt all) {
        Set<String> names = new LinkedHashSet<>();
        for (LayerReport layer : all.layers()) {
            if (!layer.kept()) {
                names.add(layer.name());
            }
        }
        return new ArrayList<>(names);
    }

    private Attempt attempt(Collection<String> left, String what) {
        int before = finished;
        Attempt attempt = runner.run(
                steps,
                left,
                (text, share) -> task.at(what + ": " + text, (before + share) / Math.max(planned, before + 1)));
        finished++;
        if (loss(attempt) < loss(least)) {
            least = attempt;
        }
        return attempt;
    }

    private static double loss(Attempt attempt) {
        double loss = attempt.score().orElseThrow().loss();
        return Double.isNaN(loss) ? Double.POSITIVE_INFINITY : loss;
    }

    /** The layers, the one that hurts most first. */
    private List<String> ranked(List<String> names) {
        Comparator<String> byHarm =
                Comparator.comparingDouble((String name) -> alone.get(name).harm());
        List<String> ranked = new ArrayList<>(names);
        ranked.sort(Collections.reverseOrder(byHarm));
        return ranked;
    }

    /** The result that leaves the fewest layers of the ranking; null if the loss is too much even if all are left. */
    private Attempt bisect(List<String> ranked) {
        int missed = 0;
        int met = ranked.size();
        Attempt best = attempt(ranked, "no layer");
        if (best.misses(allowedLoss)) {
            return null;
        }
        while (met - missed > 1) {
            int middle = (met + missed) >>> 1;
            Attempt attempt = attempt(ranked.subList(0, middle), middle + " layers left");
            if (attempt.misses(allowedLoss)) {
                missed = middle;
            } else {
                met = middle;
                best = attempt;
            }
        }
        return best;
    }

    /** Tries to compress layers that were left. The last of them is needed, as the bisection has seen. */
    private Attempt retried(Attempt met, List<String> ranked) {
        Attempt best = met;
        planned = finished + met.left().size();
        for (int i = met.left().size() - 2; i >= 0; i--) {
            List<String> left = new ArrayList<>(best.left());
            left.remove(ranked.get(i));
            Attempt attempt = attempt(left, "again " + ranked.get(i));
            if (!attempt.misses(allowedLoss)) {
                best = attempt;
            }
        }
        return best;
    }

    /** The result with a report for each layer that was left, which says what it costs. */
    private Attempt named(Attempt attempt, Attempt all) {
        List<LayerReport> layers = new ArrayList<>();
        for (LayerReport layer : attempt.layers()) {
            if (!layer.kept() || !attempt.left().contains(layer.name())) {
                layers.add(layer);
            }
        }
        for (LayerReport layer : all.layers()) {
            if (!layer.kept() && attempt.left().contains(layer.name())) {
                layers.add(LayerReport.kept(layer.name(), layer.technique(), cost(alone.get(layer.name()))));
            }
        }
        return new Attempt(attempt.model(), attempt.score(), List.copyOf(layers), attempt.left(), List.of());
    }

    private static String cost(Score score) {
        return String.format(
                Locale.ROOT,
                "left: alone it costs %.3g of %s, divergence %.3g",
                score.loss(),
                score.metric(),
                score.divergence());
    }
}
