package dev.tenon.compression;

import dev.tenon.compression.StepRunner.Attempt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
    private Trial least;
    private Attempt made;
    private Attempt met;

    /** Layers that were left, and how well the result does. */
    private record Trial(List<String> left, Score score) {
        double loss() {
            return Double.isNaN(score.loss()) ? Double.POSITIVE_INFINITY : score.loss();
        }

        boolean misses(double allowedLoss) {
            return !score.isWithin(allowedLoss);
        }
    }

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
        List<String> names = changed(all);
        boolean canLeave = steps.stream().anyMatch(s -> s.leaving(names).isPresent());
        if (names.isEmpty() || !canLeave) {
            return all;
        }
        least = new Trial(List.of(), all.score().orElseThrow());
        planned = 1 + names.size() + Integer.SIZE - Integer.numberOfLeadingZeros(names.size()) + names.size() / 2;
        for (String name : names) {
            List<String> others = new ArrayList<>(names);
            others.remove(name);
            alone.put(name, tried(others, "sensitivity: " + name).score());
        }
        List<String> ranked = ranked(names);
        Trial best = bisect(ranked);
        return named(model(best == null ? least : retried(best, ranked), all), all);
    }

    /** The layers that steps that can leave layers have changed, in order. */
    private List<String> changed(Attempt all) {
        Set<String> names = new LinkedHashSet<>();
        for (LayerReport layer : all.findings().layers()) {
            if (!layer.kept()) {
                names.add(layer.name());
            }
        }
        return new ArrayList<>(names);
    }

    /** The score without some layers: the one that an earlier run has found, or a new one. */
    private Trial tried(List<String> left, String what) {
        Optional<Score> known = runner.known(left);
        Trial trial = new Trial(
                List.copyOf(left),
                known.isPresent() ? known.get() : attempt(left, what).score().orElseThrow());
        finished++;
        if (trial.loss() < least.loss()) {
            least = trial;
        }
        return trial;
    }

    private Attempt attempt(List<String> left, String what) {
        int before = finished;
        Attempt attempt = runner.run(
                steps,
                left,
                (text, share) -> task.at(what + ": " + text, (before + share) / Math.max(planned, before + 1)));
        boolean isLess = made == null || loss(attempt) < loss(made);
        made = isLess ? attempt : made;
        met = attempt.misses(allowedLoss) ? met : attempt;
        return attempt;
    }

    private static double loss(Attempt attempt) {
        double loss = attempt.score().orElseThrow().loss();
        return Double.isNaN(loss) ? Double.POSITIVE_INFINITY : loss;
    }

    /** The result of a trial, which is made again if it is not at hand. */
    private Attempt model(Trial trial, Attempt all) {
        for (Attempt attempt : Arrays.asList(all, met, made)) {
            if (attempt != null && List.copyOf(attempt.left()).equals(trial.left())) {
                return attempt;
            }
        }
        return attempt(trial.left(), "result");
    }

    /** The layers, the one that hurts most first. */
    private List<String> ranked(List<String> names) {
        Comparator<String> byHarm =
                Comparator.comparingDouble((String name) -> alone.get(name).harm());
        List<String> ranked = new ArrayList<>(names);
        ranked.sort(Collections.reverseOrder(byHarm));
        return ranked;
    }

    /** The trial that leaves the fewest layers of the ranking; null if the loss is too much even if all are left. */
    private Trial bisect(List<String> ranked) {
        int missed = 0;
        int enough = ranked.size();
        Trial best = tried(ranked, "bisection: no layer");
        if (best.misses(allowedLoss)) {
            return null;
        }
        while (enough - missed > 1) {
            int middle = (enough + missed) >>> 1;
            Trial trial = tried(ranked.subList(0, middle), "bisection: " + middle + " layers left");
            if (trial.misses(allowedLoss)) {
                missed = middle;
            } else {
                enough = middle;
                best = trial;
            }
        }
        return best;
    }

    /** Tries to compress layers that were left. The last of them is needed, as the bisection has seen. */
    private Trial retried(Trial first, List<String> ranked) {
        Trial best = first;
        planned = finished + first.left().size();
        for (int i = first.left().size() - 2; i >= 0; i--) {
            List<String> left = new ArrayList<>(best.left());
            left.remove(ranked.get(i));
            Trial trial = tried(left, "once more: " + ranked.get(i));
            if (!trial.misses(allowedLoss)) {
                best = trial;
            }
        }
        return best;
    }

    /** The result with a report for each layer that was left, which says what it costs. */
    private Attempt named(Attempt attempt, Attempt all) {
        List<LayerReport> layers = new ArrayList<>();
        for (LayerReport layer : attempt.findings().layers()) {
            if (!layer.kept() || !attempt.left().contains(layer.name())) {
                layers.add(layer);
            }
        }
        for (LayerReport layer : all.findings().layers()) {
            if (!layer.kept() && attempt.left().contains(layer.name())) {
                layers.add(LayerReport.kept(layer.name(), layer.technique(), cost(alone.get(layer.name()))));
            }
        }
        return new Attempt(
                attempt.model(),
                attempt.score(),
                attempt.changes(),
                attempt.findings().withLayers(layers),
                attempt.left(),
                List.of());
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
