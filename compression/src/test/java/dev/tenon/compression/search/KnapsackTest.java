package dev.tenon.compression.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.compression.search.Knapsack.Effect;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KnapsackTest {
    private static double sum(Map<Choice, Effect> effects, Map<String, String> plan, boolean gain) {
        double sum = 0;
        for (Map.Entry<String, String> e : plan.entrySet()) {
            Effect effect = effects.get(new Choice(e.getKey(), e.getValue()));
            sum += gain ? effect.gain() : effect.harm();
        }
        return sum;
    }

    /** All plans: each layer takes one of its options, or none. */
    private static List<Map<String, String>> plans(Map<Choice, Effect> effects) {
        List<Map<String, String>> plans = new ArrayList<>(List.of(Map.of()));
        for (Choice choice : effects.keySet()) {
            for (Map<String, String> plan : List.copyOf(plans)) {
                if (!plan.containsKey(choice.layer())) {
                    Map<String, String> more = new LinkedHashMap<>(plan);
                    more.put(choice.layer(), choice.option());
                    plans.add(more);
                }
            }
        }
        return plans;
    }

    @Test
    void noPlanGainsMoreForTheHarmOfABeginning() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            Map<Choice, Effect> effects = new LinkedHashMap<>();
            for (int layer = 0; layer < 4; layer++) {
                for (int option = 0; option < 3; option++) {
                    double harm = random.nextInt(4) == 0 ? 0 : random.nextDouble();
                    effects.put(new Choice("l" + layer, "o" + option), new Effect(random.nextDouble(), harm));
                }
            }
            Map<String, String> plan = new LinkedHashMap<>();
            List<Choice> order = Knapsack.order(effects, Map.of());
            assertThat(order).as("seed %s", seed).isNotEmpty();
            for (int i = 0; i < order.size(); i++) {
                plan.put(order.get(i).layer(), order.get(i).option());
                if (i + 1 < order.size() && effects.get(order.get(i + 1)).harm() == 0) {
                    continue; // The next choice comes for nothing.
                }
                double harm = sum(effects, plan, false);
                double gain = sum(effects, plan, true);
                assertThat(plans(effects))
                        .as("seed %s, plan %s", seed, plan)
                        .allMatch(other ->
                                sum(effects, other, false) > harm + 1e-12 || sum(effects, other, true) <= gain + 1e-12);
            }
        }
    }

    @Test
    void aLayerGoesOnFromItsOption() {
        Map<Choice, Effect> effects = new LinkedHashMap<>();
        effects.put(new Choice("a", "int8"), new Effect(3, 1));
        effects.put(new Choice("a", "int4"), new Effect(4, 2));
        effects.put(new Choice("b", "int8"), new Effect(1, 0.5));
        assertThat(Knapsack.order(effects, Map.of()))
                .containsExactly(new Choice("a", "int8"), new Choice("b", "int8"), new Choice("a", "int4"));
        assertThat(Knapsack.order(effects, Map.of("a", "int8")))
                .containsExactly(new Choice("b", "int8"), new Choice("a", "int4"));
        assertThat(Knapsack.order(effects, Map.of("a", "int4"))).containsExactly(new Choice("b", "int8"));
    }

    @Test
    void anOptionBelowTheHullIsNeverChosen() {
        Map<Choice, Effect> effects = new LinkedHashMap<>();
        effects.put(new Choice("a", "poor"), new Effect(1, 1));
        effects.put(new Choice("a", "good"), new Effect(3, 1));
        assertThat(Knapsack.order(effects, Map.of())).containsExactly(new Choice("a", "good"));
    }
}
