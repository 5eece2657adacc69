package dev.tenon.generation.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.generation.schedule.StepPlanner.Share;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which tokens run, and who gives way. */
class StepPlannerTest {
    private final Lane first = new Lane("first");
    private final Lane second = new Lane("second");

    private record Item(Lane lane, long number, int missing, int pages, boolean isPaused)
            implements StepPlanner.Planned {}

    private static List<Share<Item>> shares(int most, Item... items) {
        return StepPlanner.shares(Arrays.asList(items), most);
    }

    @Test
    void allThatWriteAndSomeOfPrompts() {
        Item writes = new Item(first, 5, 1, 1, false);
        Item older = new Item(second, 2, 1, 1, false);
        Item prompt = new Item(first, 1, 300, 1, false);
        Item other = new Item(first, 3, 10, 1, false);
        Item paused = new Item(first, 4, 1, 1, true);
        assertThat(shares(256, writes, prompt, paused, older, other))
                .containsExactly(new Share<>(older, 1), new Share<>(writes, 1), new Share<>(prompt, 256));
        assertThat(shares(305, writes, prompt, other))
                .containsExactly(new Share<>(writes, 1), new Share<>(prompt, 300), new Share<>(other, 5));
        assertThat(shares(4, paused)).isEmpty();
    }

    @Test
    void promptsOfTheLaneThatWasServedTheLeastComeFirst() {
        first.served = 1000;
        second.served = 10;
        Item old = new Item(first, 1, 300, 1, false);
        Item recent = new Item(second, 2, 100, 1, false);
        assertThat(shares(256, old, recent)).containsExactly(new Share<>(recent, 100), new Share<>(old, 156));
    }

    @Test
    void theNewestOfTheLargestLaneGivesItsPagesUp() {
        Item big = new Item(first, 1, 1, 10, false);
        Item small = new Item(first, 2, 1, 1, false);
        Item other = new Item(second, 3, 1, 6, false);
        Item newest = new Item(second, 4, 1, 4, false);
        assertThat(StepPlanner.victim(List.of(big, small, other, newest))).isEqualTo(small);
        assertThat(StepPlanner.victim(List.of(big, other, newest, new Item(second, 0, 1, 1, false))))
                .isEqualTo(newest);
        Item slow = new Item(second, 0, 1, 1, true);
        assertThat(StepPlanner.victim(List.of(big, small, slow, newest))).isEqualTo(slow);
    }

    @Test
    void aLaneWithNothingGetsAPlaceOfTheLaneWithTheMost() {
        Item a = new Item(first, 1, 1, 1, false);
        Item b = new Item(first, 2, 1, 1, false);
        first.active = 2;
        assertThat(StepPlanner.givingWay(List.of(a, b), second)).isEqualTo(b);
        assertThat(StepPlanner.givingWay(List.of(b, a), first)).isNull();
        first.active = 1;
        second.active = 1;
        Item c = new Item(second, 3, 1, 1, false);
        assertThat(StepPlanner.givingWay(List.of(a, c), new Lane("third"))).isNull();
        Item slow = new Item(second, 0, 1, 1, true);
        assertThat(StepPlanner.givingWay(List.of(a, slow), first)).isEqualTo(slow);
    }
}
