package dev.tenon.compression.search;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Score;
import dev.tenon.compression.Sensitivity;
import dev.tenon.compression.search.SearchResult.LeftLayer;
import dev.tenon.graph.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** One run of a search: each option on all layers, each option on each layer alone, then plans. */
final class SearchRun {
    private final Trials trials;
    private final Setting setting;
    private final List<LayerSensitivity> sensitivities = new ArrayList<>();
    private Map<Choice, String> blocked = Map.of();

    SearchRun(Trials trials) {
        this.trials = trials;
        this.setting = trials.setting();
    }

    /** Makes all trials. */
    void run() {
        List<Choice> choices = choices();
        trials.work().expect(choices.size() + choices.size() / 2);
        for (Choice choice : choices) {
            SearchTrial trial = trials.run(Plan.empty().with(choice.layer(), choice.option()));
            sensitivities.add(new LayerSensitivity(
                    choice.layer(), choice.option(), trial, trials.ranking().sizeBytes() - trial.sizeBytes()));
        }
        Set<String> names = new LinkedHashSet<>();
        setting.choices().forEach(option -> names.add(option.name()));
        Planner planner = new Planner(
                trials,
                sensitivities.stream().filter(s -> names.contains(s.option())).toList());
        planner.plan();
        blocked = planner.blocked();
    }

    /** The options of each layer, in the order of the graph: those that change it when they are tried on all layers. */
    private List<Choice> choices() {
        int guess = LinearLayer.of(setting.model().graph()).size();
        trials.work()
                .expect(setting.choices().size() + guess * (setting.options().size() + 1));
        Map<String, Set<String>> options = new LinkedHashMap<>();
        for (Node node : setting.model().graph().nodes()) {
            if (setting.layers().accepts(node)) {
                options.putIfAbsent(LinearLayer.name(node), new LinkedHashSet<>());
            }
        }
        for (Option option : setting.choices()) {
            Plan all = Plan.all(option.name());
            trials.run(all);
            for (String layer : trials.changed(all)) {
                if (options.containsKey(layer)) {
                    options.get(layer).add(option.name());
                }
            }
        }
        List<Choice> choices = new ArrayList<>();
        options.forEach((layer, changing) -> {
            for (Option option : changing.isEmpty() ? List.<Option>of() : setting.options()) {
                if (option.isMeasuredOnly() || changing.contains(option.name())) {
                    choices.add(new Choice(layer, option.name()));
                }
            }
        });
        return choices;
    }

    /** The effect of each choice alone. */
    List<LayerSensitivity> sensitivities() {
        return sensitivities;
    }

    /** The sensitivities as reports have them: those of an option, or of its parts where they were measured. */
    List<Sensitivity> reported() {
        Map<Choice, Score> scores = new LinkedHashMap<>();
        for (LayerSensitivity s : sensitivities) {
            s.trial().score().ifPresent(score -> scores.put(new Choice(s.layer(), s.option()), score));
        }
        Set<String> names = new LinkedHashSet<>();
        setting.choices().forEach(option -> names.add(option.name()));
        List<Sensitivity> reported = new ArrayList<>();
        for (LayerSensitivity s : sensitivities) {
            if (names.contains(s.option())) {
                Score weights = scores.get(new Choice(s.layer(), s.option() + " weights"));
                Score inputs = scores.get(new Choice(s.layer(), s.option() + " activations"));
                Score whole = scores.get(new Choice(s.layer(), s.option()));
                reported.add(new Sensitivity(
                        s.layer(), s.option(), divergence(weights == null ? whole : weights), divergence(inputs)));
            }
        }
        return reported;
    }

    private static OptionalDouble divergence(Score score) {
        return score == null ? OptionalDouble.empty() : OptionalDouble.of(score.divergence());
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
    List<SearchTrial> front() {
        Ranking ranking = trials.ranking();
        List<SearchTrial> sorted = new ArrayList<>();
        for (SearchTrial trial : trials.candidates()) {
            if (trial.loss() < Double.POSITIVE_INFINITY) {
                sorted.add(trial);
            }
        }
        sorted.sort(Comparator.comparingDouble(ranking::value).thenComparingDouble(SearchTrial::loss));
        List<SearchTrial> front = new ArrayList<>();
        for (SearchTrial trial : sorted) {
            if (front.isEmpty() || trial.loss() < front.getLast().loss()) {
                front.add(trial);
            }
        }
        return front;
    }
}
