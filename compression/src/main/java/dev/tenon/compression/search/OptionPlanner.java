package dev.tenon.compression.search;

import dev.tenon.compression.Score;
import dev.tenon.compression.Trial;
import dev.tenon.compression.search.Knapsack.Effect;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Makes a plan out of choices. A knapsack orders them, and a bisection along the order finds how many of them the floor allows
 * by the real metric. The choice at which it stops is blocked, since additivity has failed there. The others are ranked anew by
 * what they do on top of the plan so far, and the bisection goes on with them.
 */
final class OptionPlanner {
    /** How often choices are ranked anew by trials. Afterwards only the choice that failed is taken out. */
    private static final int RERANKS = 2;

    private final Trials trials;
    private final Map<Choice, Effect> effects = new LinkedHashMap<>();
    private final Map<Choice, String> blocked = new LinkedHashMap<>();
    private OptionPlan plan = OptionPlan.empty();

    /**
     * A planner.
     *
     * @param trials makes trials
     * @param alone the trial of each choice alone
     */
    OptionPlanner(Trials trials, Map<Choice, Trial> alone) {
        this.trials = trials;
        alone.forEach((choice, trial) -> {
            double gain = trial.score().isPresent() ? 1 - trials.ranking().value(trial) : 0;
            if (!trial.failure().isEmpty()) {
                blocked.put(choice, "failed: " + trial.failure());
            } else if (!trials.ranking().isMet(trial)) {
                blocked.put(choice, "alone it costs " + cost(trial));
            } else if (!(gain > 0)) {
                blocked.put(choice, "saves nothing");
            } else {
                effects.put(choice, new Effect(gain, harm(trial)));
            }
        });
    }

    private static String cost(Trial trial) {
        return String.format(
                Locale.ROOT,
                "%.3g of %s",
                trial.loss(),
                trial.score().map(Score::metric).orElse("the metric"));
    }

    /**
     * Makes the plan.
     *
     * @return the last plan that met the floor; the empty plan if no choice can be made
     */
    OptionPlan plan() {
        int reranks = RERANKS;
        List<Choice> order = order();
        while (!order.isEmpty()) {
            int rounds = Integer.SIZE - Integer.numberOfLeadingZeros(order.size());
            trials.work().stage("plans", rounds + (reranks > 0 ? order.size() / 2 + rounds : rounds), true);
            int count = longest(order);
            OptionPlan before = plan;
            plan = plan(before, order, count);
            if (count == order.size()) {
                break;
            }
            block(order.get(count), trials.run(plan(before, order, count + 1)));
            if (reranks-- > 0 && !plan.isEmpty()) {
                rank();
            }
            order = order();
        }
        return plan;
    }

    private List<Choice> order() {
        return Knapsack.order(effects, plan.options());
    }

    private static OptionPlan plan(OptionPlan from, List<Choice> order, int count) {
        OptionPlan plan = from;
        for (Choice choice : order.subList(0, count)) {
            plan = plan.with(choice.layer(), choice.option());
        }
        return plan;
    }

    private boolean isMet(List<Choice> order, int count) {
        return trials.ranking().isMet(trials.run(plan(plan, order, count)));
    }

    /** The number of choices that meet the floor while one more does not; all of them if they meet it. */
    private int longest(List<Choice> order) {
        if (isMet(order, order.size())) {
            return order.size();
        }
        int met = 0;
        int missed = order.size();
        while (missed - met > 1) {
            int middle = (met + missed) >>> 1;
            if (isMet(order, middle)) {
                met = middle;
            } else {
                missed = middle;
            }
        }
        return met;
    }

    /** Takes out a choice, and those of the same layer that do at least as much harm. */
    private void block(Choice failed, Trial trial) {
        String reason = trial.failure().isEmpty()
                ? "with " + (trial.options().size() - 1) + " other layers it costs " + cost(trial)
                : "failed: " + trial.failure();
        double harm = effects.get(failed).harm();
        for (Choice choice : List.copyOf(effects.keySet())) {
            boolean isWorse = choice.layer().equals(failed.layer())
                    && effects.get(choice).harm() >= harm
                    && !choice.option().equals(plan.options().get(choice.layer()));
            if (isWorse) {
                effects.remove(choice);
                blocked.put(choice, reason);
            }
        }
    }

    /** Measures the harm of each choice on top of the plan. Choices with which the plan misses the floor are blocked. */
    private void rank() {
        double base = harm(trials.run(plan));
        List<Choice> open = new ArrayList<>();
        for (Choice choice : effects.keySet()) {
            String current = plan.options().get(choice.layer());
            Effect now = current == null ? Effect.NONE : effects.get(new Choice(choice.layer(), current));
            if (effects.get(choice).gain() > now.gain()) {
                open.add(choice);
            }
        }
        trials.work().stage("plans", open.size() + 2, true);
        Map<Choice, Effect> measured = new LinkedHashMap<>();
        for (Choice choice : open) {
            if (!effects.containsKey(choice)) {
                continue; // A milder option of the layer has failed.
            }
            Trial trial = trials.run(plan.with(choice.layer(), choice.option()));
            if (trials.ranking().isMet(trial)) {
                measured.put(choice, new Effect(effects.get(choice).gain(), Math.max(0, harm(trial) - base)));
            } else {
                block(choice, trial);
            }
        }
        for (Choice choice : List.copyOf(effects.keySet())) {
            boolean isChosen = choice.option().equals(plan.options().get(choice.layer()));
            if (isChosen) {
                effects.put(choice, new Effect(effects.get(choice).gain(), 0));
            } else if (measured.containsKey(choice)) {
                effects.put(choice, measured.get(choice));
            } else {
                effects.remove(choice);
            }
        }
    }

    private static double harm(Trial trial) {
        return trial.score().map(Score::harm).orElse(Double.POSITIVE_INFINITY);
    }

    /** Why choices were not made, in the order in which that was found. */
    Map<Choice, String> blocked() {
        return blocked;
    }
}
