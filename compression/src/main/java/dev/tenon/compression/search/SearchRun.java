package dev.tenon.compression.search;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.search.SearchResult.LeftLayer;
import dev.tenon.graph.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One run of a search: each option on all layers, each option on each layer alone, then plans. */
final class SearchRun {
    private final Trials trials;
    private final Setting setting;
    private final List<Sensitivity> sensitivities = new ArrayList<>();
    private Map<Choice, String> blocked = Map.of();

    SearchRun(Trials trials) {
        this.trials = trials;
        this.setting = trials.setting();
    }

    /** Makes all trials. */
    void run() {
        int guess = LinearLayer.of(setting.model().graph()).size();
        trials.work().expect(setting.options().size() * (1 + guess) + guess);
        List<Choice> choices = new ArrayList<>();
        for (Option option : setting.options()) {
            Plan all = Plan.all(option.name());
            trials.run(all);
            for (String layer : trials.changed(all)) {
                if (setting.accepts(layer)) {
                    choices.add(new Choice(layer, option.name()));
                }
            }
        }
        sortByLayer(choices);
        trials.work().expect(choices.size() + choices.size() / 2);
        for (Choice choice : choices) {
            Trial trial = trials.run(Plan.empty().with(choice.layer(), choice.option()));
            sensitivities.add(new Sensitivity(
                    choice.layer(), choice.option(), trial, trials.goal().sizeBytes() - trial.sizeBytes()));
        }
        Planner planner = new Planner(trials, sensitivities);
        planner.plan();
        blocked = planner.blocked();
    }

    private void sortByLayer(List<Choice> choices) {
        Map<String, Integer> places = new LinkedHashMap<>();
        for (Node node : setting.model().graph().nodes()) {
            places.putIfAbsent(LinearLayer.name(node), places.size());
        }
        choices.sort(Comparator.comparing((Choice choice) -> places.get(choice.layer()))
                .thenComparing(choice -> setting.order(choice.option())));
    }

    /** The effect of each choice alone. */
    List<Sensitivity> sensitivities() {
        return sensitivities;
    }

    /** The layers that the best plan leaves, and why. */
    List<LeftLayer> left() {
        Plan best = trials.bestPlan();
        if (best.whole() != null) {
            return List.of();
        }
        Set<String> layers = new LinkedHashSet<>();
        sensitivities.forEach(s -> layers.add(s.layer()));
        List<LeftLayer> left = new ArrayList<>();
        for (String layer : layers) {
            if (!best.options().containsKey(layer)) {
                List<String> reasons = new ArrayList<>();
                blocked.forEach((choice, reason) -> {
                    if (choice.layer().equals(layer)) {
                        reasons.add(choice.option() + ": " + reason);
                    }
                });
                left.add(new LeftLayer(
                        layer, reasons.isEmpty() ? "not in the best plan" : "left: " + String.join("; ", reasons)));
            }
        }
        return left;
    }

    /** The trials that no other one beats in both objective and loss. */
    List<Trial> front() {
        Goal goal = trials.goal();
        List<Trial> sorted = new ArrayList<>();
        for (Trial trial : trials.all()) {
            if (trial.loss() < Double.POSITIVE_INFINITY) {
                sorted.add(trial);
            }
        }
        sorted.sort(Comparator.comparingDouble(goal::value).thenComparingDouble(Trial::loss));
        List<Trial> front = new ArrayList<>();
        for (Trial trial : sorted) {
            if (front.isEmpty() || trial.loss() < front.getLast().loss()) {
                front.add(trial);
            }
        }
        return front;
    }
}
