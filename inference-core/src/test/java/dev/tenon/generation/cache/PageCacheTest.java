package dev.tenon.generation.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOptionException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a cache of pages does, case by case, with pages of four tokens. */
class PageCacheTest {
    private static final String LANE = "lane";

    /** The copies so far, as {@code from>to:tokens}. */
    private final List<String> copies = new ArrayList<>();

    private PageCache cache(int pages) {
        return new PageCache(pages, 4, (from, to, tokens) -> copies.add(from + ">" + to + ":" + tokens));
    }

    private static int[] tokens(int... tokens) {
        return tokens;
    }

    private static int[] range(int count) {
        return IntStream.range(0, count).toArray();
    }

    /** Runs a whole sequence, and ends it. */
    private static Lease run(PageCache cache, String scope, int[] tokens, boolean keep) {
        Lease lease = open(cache, scope, tokens);
        lease.close(keep);
        return lease;
    }

    /** Runs a whole sequence. */
    private static Lease open(PageCache cache, String scope, int[] tokens) {
        Lease lease = cache.open(scope, tokens, tokens.length);
        assertThat(lease.reserve(tokens.length)).isTrue();
        lease.written(tokens, tokens.length);
        return lease;
    }

    private static int cached(PageCache cache, String scope, int... tokens) {
        Lease lease = cache.open(scope, tokens, tokens.length);
        lease.close(false);
        return lease.cachedTokens();
    }

    @Test
    void aPrefixIsReusedToTheToken() {
        PageCache cache = cache(20);
        int[] pages = run(cache, LANE, range(10), true).pages();
        assertThat(cached(cache, LANE, range(12))).isEqualTo(10);
        assertThat(copies).containsExactly(pages[2] + ">4:2");
        assertThat(cached(cache, LANE, range(10))).isEqualTo(9);
        assertThat(cached(cache, LANE, range(8))).isEqualTo(7);
        assertThat(cached(cache, LANE, range(9))).isEqualTo(8);
        assertThat(cached(cache, LANE, 0, 1, 2, 3, 4, 99, 6)).isEqualTo(5);
        assertThat(cached(cache, LANE, 0, 99, 2)).isEqualTo(1);
        assertThat(cached(cache, LANE, 99, 1)).isZero();
        assertThat(cached(cache, LANE, 0)).isZero();
        assertThat(cache.counters()).isEqualTo(new PageCache.Counters(16, 3, 0, 6, 40, 0));
    }

    @Test
    void fullPagesAreSharedWhileTheirWriterRuns() {
        PageCache cache = cache(20);
        Lease first = cache.open(LANE, range(10), 10);
        assertThat(first.reserve(10)).isTrue();
        first.written(range(10), 7);
        assertThat(cached(cache, LANE, range(10))).isEqualTo(4);
        first.written(range(10), 8);
        Lease second = cache.open(LANE, range(10), 10);
        assertThat(second.cachedTokens()).isEqualTo(8);
        assertThat(second.pages()).containsExactly(first.pages()[0], first.pages()[1]);
        first.written(range(10), 10);
        // A page that is not full belongs to its writer.
        assertThat(cached(cache, LANE, range(10))).isEqualTo(8);
        assertThat(cache.counters().referenced()).isEqualTo(3);
        first.close(false);
        assertThat(cache.counters().referenced()).isEqualTo(2);
        second.close(true);
        assertThat(cache.counters()).isEqualTo(new PageCache.Counters(17, 2, 0, 3, 20, 0));
    }

    @Test
    void equalPagesOfTwoWritersBecomeOne() {
        PageCache cache = cache(20);
        Lease first = cache.open(LANE, range(9), 9);
        Lease second = cache.open(LANE, range(9), 9);
        assertThat(first.reserve(9) && second.reserve(9)).isTrue();
        first.written(range(9), 9);
        int[] before = second.pages();
        int[] copy = before.clone();
        second.written(range(9), 9);
        assertThat(second.pages())
                .startsWith(first.pages()[0], first.pages()[1])
                .endsWith(before[2]);
        assertThat(before).isEqualTo(copy);
        assertThat(cache.counters().referenced()).isEqualTo(4);
        second.close(true);
        // The rest is the same: one of the two pages is enough.
        first.close(true);
        assertThat(cache.counters()).isEqualTo(new PageCache.Counters(16, 3, 0, 0, 0, 0));
    }

    @Test
    void scopesShareNothing() {
        PageCache cache = cache(20);
        run(cache, LANE, range(10), true);
        assertThat(cached(cache, "other", range(10))).isZero();
        assertThat(cached(cache, LANE, range(10))).isEqualTo(9);
        // Strings with equal hash codes.
        run(cache, "Aa", range(10), true);
        assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
        assertThat(cached(cache, "BB", range(10))).isZero();
    }

    @Test
    void aCollisionOfHashesMixesNothing() {
        PageCache cache = new PageCache(40, 4, (from, to, tokens) -> {}, (before, tokens, from, to) -> 7);
        run(cache, LANE, range(9), true);
        run(cache, LANE, tokens(9, 9, 9, 9, 4, 5, 6, 7, 8), true);
        assertThat(cached(cache, "other", range(9))).isZero();
        assertThat(cached(cache, LANE, range(9))).isEqualTo(8);
        assertThat(cached(cache, LANE, 9, 9, 9, 9, 4, 5, 6, 7, 8)).isEqualTo(8);
        assertThat(cached(cache, LANE, 4, 5, 6, 7, 8)).isZero();
        assertThat(cached(cache, LANE, 0, 1, 2, 3, 9, 9)).isEqualTo(4);
        run(cache, "other", range(9), true);
        assertThat(cached(cache, "other", range(9))).isEqualTo(8);
    }

    @Test
    void theLeastRecentlyUsedPagesAreGivenUpFirst() {
        PageCache cache = cache(7);
        run(cache, LANE, tokens(1, 1, 1, 1, 1, 1, 1, 1), true);
        run(cache, LANE, tokens(2, 2, 2, 2, 2, 2, 2, 2), true);
        run(cache, LANE, tokens(3, 3, 3, 3, 3, 3, 3, 3), true);
        assertThat(cached(cache, LANE, 1, 1, 1, 1, 9)).isEqualTo(4);
        Lease lease = cache.open("other", range(12), 12);
        assertThat(lease.reserve(12)).isTrue();
        assertThat(cache.counters().evictions()).isEqualTo(3);
        // The last page of a sequence goes before those that lead to it: the second one of the 1s, and both of the 2s.
        lease.close(false);
        assertThat(cached(cache, LANE, 1, 1, 1, 1, 1, 1, 1, 1, 9)).isEqualTo(4);
        assertThat(cached(cache, LANE, 2, 2, 2)).isZero();
        assertThat(cached(cache, LANE, 3, 3, 3, 3, 3, 3, 3, 3, 9)).isEqualTo(8);
    }

    @Test
    void pagesThatAreHeldAreNotGivenUp() {
        PageCache cache = cache(4);
        Lease first = open(cache, LANE, range(8));
        Lease second = cache.open("other", range(9), 9);
        assertThat(second.reserve(4)).isTrue();
        assertThat(second.reserve(5)).isFalse();
        assertThat(second.pages()).hasSize(1);
        assertThat(cache.counters()).isEqualTo(new PageCache.Counters(0, 0, 3, 0, 0, 0));
        first.close(true);
        assertThat(second.reserve(12)).isTrue();
        assertThat(second.reserve(13)).isFalse();
        assertThat(cache.counters()).isEqualTo(new PageCache.Counters(0, 0, 3, 0, 0, 2));
    }

    @Test
    void theLastPageIsTakenOverWhereThereIsNoneToCopyItTo() {
        PageCache cache = cache(2);
        run(cache, LANE, range(3), true);
        Lease lease = cache.open(LANE, range(4), 4);
        assertThat(lease.cachedTokens()).isEqualTo(3);
        assertThat(lease.pages()).containsExactly(1);
        assertThat(copies).isEmpty();
        lease.close(true);
        assertThat(cached(cache, LANE, range(4))).isEqualTo(3);
    }

    @Test
    void nothingIsCopiedWhereAllPagesAreHeld() {
        PageCache cache = cache(3);
        Lease first = open(cache, LANE, range(8));
        Lease second = cache.open(LANE, range(8), 8);
        assertThat(second.cachedTokens()).isEqualTo(4);
        assertThat(copies).isEmpty();
        assertThat(second.reserve(8)).isFalse();
        first.close(false);
        assertThat(second.reserve(8)).isTrue();
    }

    @Test
    void withoutKeepingOnlyOlderPagesStay() {
        PageCache cache = cache(20);
        run(cache, LANE, range(6), true);
        run(cache, LANE, range(17), false);
        assertThat(cache.counters().cached()).isEqualTo(2);
        assertThat(cached(cache, LANE, range(17))).isEqualTo(6);
        run(cache, LANE, tokens(7, 7, 7, 7, 7), false);
        assertThat(cached(cache, LANE, 7, 7, 7, 7, 7)).isZero();
    }

    @Test
    void pagesThatAnotherSequenceStandsOnStay() {
        PageCache cache = cache(20);
        Lease first = open(cache, LANE, range(4));
        Lease second = open(cache, LANE, range(9));
        second.close(true);
        first.close(false);
        assertThat(cached(cache, LANE, range(9))).isEqualTo(8);
    }

    @Test
    void pagesThatHoldLessOfTheSameAreFree() {
        PageCache cache = cache(20);
        run(cache, LANE, range(2), true);
        run(cache, LANE, range(3), true);
        assertThat(cache.counters().cached()).isEqualTo(1);
        run(cache, LANE, range(2), true);
        assertThat(cache.counters().cached()).isEqualTo(1);
        run(cache, LANE, range(4), true);
        assertThat(cache.counters().cached()).isEqualTo(1);
        assertThat(cached(cache, LANE, range(5))).isEqualTo(4);
    }

    @Test
    void aCopyThatFailsLeavesNothingHeld() {
        boolean[] fails = {true};
        PageCache cache = new PageCache(20, 4, (from, to, tokens) -> {
            if (fails[0]) {
                throw new IllegalStateException("no copy");
            }
        });
        run(cache, LANE, range(6), true);
        PageCache.Counters before = cache.counters();
        assertThatIllegalStateException()
                .isThrownBy(() -> cache.open(LANE, range(6), 6))
                .withMessage("no copy");
        assertThat(cache.counters()).isEqualTo(before);
        fails[0] = false;
        assertThat(cached(cache, LANE, range(6))).isEqualTo(5);
    }

    @Test
    void wrongCallsAreRefused() {
        assertThatThrownBy(() -> cache(1)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> new PageCache(2, 0, (from, to, tokens) -> {}))
                .isInstanceOf(InvalidOptionException.class);
        PageCache cache = cache(5);
        assertThatThrownBy(() -> cache.open(LANE, range(3), 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> cache.open(LANE, range(3), 4)).isInstanceOf(IndexOutOfBoundsException.class);
        Lease lease = cache.open(LANE, range(9), 9);
        assertThat(lease.reserve(5)).isTrue();
        lease.written(range(9), 3);
        assertThatIllegalArgumentException().isThrownBy(() -> lease.written(range(9), 2));
        assertThatIllegalArgumentException().isThrownBy(() -> lease.written(range(9), 9));
        assertThatIllegalArgumentException().isThrownBy(() -> lease.written(range(4), 5));
        lease.close(true);
        lease.close(true);
        assertThatIllegalStateException().isThrownBy(() -> lease.reserve(1));
        assertThatIllegalStateException().isThrownBy(() -> lease.written(range(9), 3));
        assertThat(cache.counters()).isEqualTo(new PageCache.Counters(3, 1, 0, 0, 0, 0));
    }
}
