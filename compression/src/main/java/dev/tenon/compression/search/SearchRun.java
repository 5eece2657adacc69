package dev.tenon.compression.search;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Sensitivity;
import dev.tenon.compression.Trial;
import dev.tenon.compression.search.Option.Use;
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
import java.util.stream.Stream;

/** One run of a search: options on all layers, options on each layer alone, then plans. */
final class SearchRun {
    private static final String WEIGHTS = " weights";
    private static final String ACTIVATIONS = " activations";

    /** How many models are healed. */
    private static final int HEALED = 3;

    private final Trials trials;
    private final Setting setting;

    /** The trial of each choice alone, in the order of the graph. */
    private final Map<Choice, Trial> alone = new LinkedHashMap<>();

    private Map<Choice, String> blocked = Map.of();

    SearchRun(Trials trials) {
        this.trials = trials;
        this.setting = trials.setting();
    }

    /** Makes all trials. */
    void run() {
        List<Choice> choices = choices();
        trials.work().stage("each layer alone", choices.size() + choices.size() / 2, true);
        for (Choice choice : choices) {
            alone.put(choice, trials.run(OptionPlan.empty().with(choice.layer(), choice.option())));
        }
        Map<Choice, Trial> open = new LinkedHashMap<>(alone);
        open.keySet().removeIf(choice -> !isOption(choice.option()));
        OptionPlanner planner = new OptionPlanner(trials, open);
        planner.plan();
        blocked = planner.blocked();
        if (setting.heal() != null) {
            heal();
        }
    }

    /** Heals the smallest models of the front, up to the first that then meets the floor of the result. */
    private void heal() {
        List<OptionPlan> plans = front().stream()
                .filter(trial ->
                        trials.ranking().isMet(trial) && trials.ranking().value(trial) < 1)
                .map(trials::plan)
                .filter(plan -> !plan.isEmpty())
                .limit(HEALED)
                .toList();
        trials.work().stage("healing", plans.size(), true);
        for (OptionPlan plan : plans) {
            if (trials.demanded().isMet(trials.run(plan.healed()))) {
                break;
            }
        }
    }

    /** The options of each layer, in the order of the graph: those that change it when they are tried on all layers. */
    private List<Choice> choices() {
        int guess = LinearLayer.of(setting.model().graph()).size();
        List<Option> ofLayers = setting.options(Use.CHOICE, Use.MEASURED);
        trials.work()
                .stage(
                        "all layers",
                        setting.options(Use.CHOICE, Use.WHOLE).size() + guess * (ofLayers.size() + 1),
                        false);
        Map<String, Set<String>> options = new LinkedHashMap<>();
        for (Node node : setting.model().graph().nodes()) {
            if (setting.layers().accepts(node)) {
                options.putIfAbsent(LinearLayer.name(node), new LinkedHashSet<>());
            }
        }
        for (Option option : setting.options(Use.CHOICE)) {
            OptionPlan all = OptionPlan.all(option.name());
            trials.run(all);
            for (String layer : trials.changed(all)) {
                if (options.containsKey(layer)) {
                    options.get(layer).add(option.name());
                }
            }
        }
        setting.options(Use.WHOLE).forEach(option -> trials.run(OptionPlan.all(option.name())));
        List<Choice> choices = new ArrayList<>();
        options.forEach((layer, changing) -> {
            for (Option option : changing.isEmpty() ? List.<Option>of() : ofLayers) {
                if (option.use() == Use.MEASURED || changing.contains(option.name())) {
                    choices.add(new Choice(layer, option.name()));
                }
            }
        });
        return choices;
    }

    /** Whether a plan may take an option of a name. */
    private boolean isOption(String name) {
        return setting.options(Use.CHOICE).stream()
                .anyMatch(option -> option.name().equals(name));
    }

    /** How much each option on each layer alone changes the outputs; by its parts where these were measured. */
    List<Sensitivity> sensitivities() {
        List<Sensitivity> sensitivities = new ArrayList<>();
        for (Choice choice : alone.keySet()) {
            if (isPart(choice.option())) {
                continue;
            }
            OptionalDouble weights = divergence(choice, WEIGHTS);
            sensitivities.add(new Sensitivity(
                    choice.layer(),
                    choice.option(),
                    weights.isPresent() ? weights : divergence(choice, ""),
                    divergence(choice, ACTIVATIONS)));
        }
        return sensitivities;
    }

    /** Whether a name is that of an option with a part of it. */
    private boolean isPart(String name) {
        return Stream.of(WEIGHTS, ACTIVATIONS)
                .anyMatch(part -> name.endsWith(part) && isOption(name.substring(0, name.length() - part.length())));
    }

    /** The divergence of a part of a choice alone, if it was measured. */
    private OptionalDouble divergence(Choice choice, String part) {
        Trial trial = alone.get(new Choice(choice.layer(), choice.option() + part));
        return trial == null || trial.score().isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(trial.score().get().divergence());
    }

    /** The layers that the best plan leaves, and why. */
    List<LeftLayer> left() {
        OptionPlan best = trials.bestPlan();
        if (best.whole() != null) {
            return List.of();
        }
        Set<String> layers = new LinkedHashSet<>();
        alone.keySet().forEach(choice -> layers.add(choice.layer()));
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
        Ranking ranking = trials.ranking();
        List<Trial> sorted = new ArrayList<>();
        for (Trial trial : trials.candidates()) {
            if (trial.loss() < Double.POSITIVE_INFINITY) {
                sorted.add(trial);
            }
        }
        sorted.sort(Comparator.comparingDouble(ranking::value).thenComparingDouble(Trial::loss));
        List<Trial> front = new ArrayList<>();
        for (Trial trial : sorted) {
            if (front.isEmpty() || trial.loss() < front.getLast().loss()) {
                front.add(trial);
            }
        }
        return front;
    }
}
