package dev.tenon.generation.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Random sequences over a cache, beside a memory that holds for each place of a page which tokens led to it. */
class PageCacheModelTest {
    private static final String GARBAGE = "nothing";

    /** Hashes of growing weakness: the standard one, four values, one value. */
    private static final List<PageHash> HASHES = List.of(
            PageHash::chained,
            (before, tokens, from, to) -> PageHash.chained(before, tokens, from, to) & 3,
            (b, t, f, e) -> 0);

    /** A sequence and its lease. */
    private static final class Sequence {
        private final String scope;
        private final int[] tokens;
        private final Lease lease;
        private int written;
        private int room;

        private Sequence(String scope, int[] tokens, Lease lease) {
            this.scope = scope;
            this.tokens = tokens;
            this.lease = lease;
            this.written = lease.cachedTokens();
            this.room = lease.pages().length;
        }

        /** What the place of a token holds: keys and values depend on all tokens so far. */
        private String contents(int position) {
            return scope + Arrays.toString(Arrays.copyOf(tokens, position + 1));
        }
    }

    private static final class World {
        private final SplittableRandom random;
        private final int pages;
        private final int pageTokens;
        private final String[][] memory;
        private final PageCache cache;
        private final List<Sequence> open = new ArrayList<>();

        /** Beginnings that are in the cache if they were kept, and as long as nothing is given up. */
        private final Map<String, List<int[]>> kept = new HashMap<>();

        /** Whether all sequences stay in the cache. */
        private final boolean keeping;

        private World(long seed, int pages, int pageTokens, int hash, boolean keeping) {
            this.keeping = keeping;
            this.random = new SplittableRandom(seed);
            this.pages = pages;
            this.pageTokens = pageTokens;
            this.memory = new String[pages][pageTokens];
            for (String[] page : memory) {
                Arrays.fill(page, GARBAGE);
            }
            this.cache = new PageCache(pages, pageTokens, this::copy, HASHES.get(hash));
        }

        private void copy(int from, int to, int tokens) {
            assertThat(from).isBetween(1, pages - 1).isNotEqualTo(to);
            assertThat(tokens).isBetween(1, pageTokens - 1);
            assertThat(holders(to)).as("who holds the page that is copied to").isEmpty();
            System.arraycopy(memory[from], 0, memory[to], 0, tokens);
            Arrays.fill(memory[to], tokens, pageTokens, GARBAGE);
        }

        private List<Sequence> holders(int page) {
            return open.stream()
                    .filter(s -> Arrays.stream(s.lease.pages()).anyMatch(p -> p == page))
                    .toList();
        }

        private void open() {
            String scope = "scope" + random.nextInt(2);
            int[] tokens = new int[1 + random.nextInt(6 * pageTokens)];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = random.nextInt(8) == 0 ? 1 + random.nextInt(2) : 0;
            }
            int count = 1 + random.nextInt(tokens.length);
            int longest = longest(scope, tokens, count - 1);
            PageCache.Counters before = cache.counters();
            Sequence s = new Sequence(scope, tokens, cache.open(scope, tokens, count));
            int cached = s.lease.cachedTokens();
            assertThat(cached).isLessThanOrEqualTo(longest);
            if (keeping && before.evictions() == 0 && before.free() > 0) {
                assertThat(cached).as("tokens that are reused").isEqualTo(longest);
            }
            assertThat(cache.counters().hits() - before.hits()).isEqualTo(cached > 0 ? 1 : 0);
            assertThat(cache.counters().reusedTokens() - before.reusedTokens()).isEqualTo(cached);
            open.add(s);
        }

        /** The longest beginning that the cache has seen, up to some tokens. */
        private int longest(String scope, int[] tokens, int most) {
            int longest = 0;
            for (int[] other : kept.getOrDefault(scope, List.of())) {
                int same = Arrays.mismatch(tokens, 0, most, other, 0, other.length);
                longest = Math.max(longest, same < 0 ? most : same);
            }
            for (Sequence s : open) {
                if (s.scope.equals(scope)) {
                    int full = s.written / pageTokens * pageTokens;
                    int same = Arrays.mismatch(tokens, 0, most, s.tokens, 0, full);
                    longest = Math.max(longest, same < 0 ? most : same);
                }
            }
            return longest;
        }

        private void reserve(Sequence s) {
            int upTo = random.nextInt(s.tokens.length + 1);
            int more = Math.ceilDiv(upTo, pageTokens) - s.lease.pages().length;
            PageCache.Counters before = cache.counters();
            int[] held = s.lease.pages().clone();
            boolean done = s.lease.reserve(upTo);
            assertThat(done).isEqualTo(more <= before.free() + before.cached());
            if (!done || more <= 0) {
                assertThat(cache.counters()).isEqualTo(before);
                assertThat(s.lease.pages()).isEqualTo(held);
                return;
            }
            assertThat(s.lease.pages()).hasSize(held.length + more);
            assertThat(Arrays.copyOf(s.lease.pages(), held.length)).isEqualTo(held);
            s.room = held.length + more;
            for (int i = held.length; i < s.room; i++) {
                int page = s.lease.pages()[i];
                assertThat(holders(page)).containsExactly(s);
                Arrays.fill(memory[page], GARBAGE);
            }
        }

        private void write(Sequence s) {
            int most = Math.min(s.tokens.length, s.room * pageTokens);
            int upTo = s.written + random.nextInt(most - s.written + 1);
            for (int i = s.written; i < upTo; i++) {
                int page = s.lease.pages()[i / pageTokens];
                assertThat(holders(page))
                        .as("who holds the page that is written")
                        .containsExactly(s);
                memory[page][i % pageTokens] = s.contents(i);
            }
            s.lease.written(s.tokens, upTo);
            s.written = upTo;
        }

        private void close(Sequence s, boolean keep) {
            s.lease.close(keep);
            s.lease.close(!keep);
            open.remove(s);
            kept.computeIfAbsent(s.scope, k -> new ArrayList<>()).add(Arrays.copyOf(s.tokens, s.written));
        }

        private void check() {
            Set<Integer> held = new HashSet<>();
            for (Sequence s : open) {
                int[] pages = s.lease.pages();
                assertThat(s.lease.writtenTokens()).isEqualTo(s.written);
                assertThat(pages).doesNotHaveDuplicates().doesNotContain(0);
                for (int i = 0; i < pages.length; i++) {
                    held.add(pages[i]);
                    if (i >= s.written / pageTokens) {
                        assertThat(holders(pages[i])).containsExactly(s);
                    }
                }
                for (int i = 0; i < s.written; i++) {
                    assertThat(memory[pages[i / pageTokens]][i % pageTokens])
                            .as("position %d of %d", i, s.written)
                            .isEqualTo(s.contents(i));
                }
            }
            PageCache.Counters counters = cache.counters();
            assertThat(counters.referenced()).isEqualTo(held.size());
            assertThat(counters.free() + counters.cached() + counters.referenced())
                    .isEqualTo(pages - 1);
        }

        private void step() {
            int what = random.nextInt(6);
            if (open.isEmpty() || what == 0 && open.size() < 5) {
                open();
                return;
            }
            Sequence s = open.get(random.nextInt(open.size()));
            switch (what) {
                case 1, 2 -> reserve(s);
                case 3, 4 -> write(s);
                default -> close(s, keeping || random.nextBoolean());
            }
        }

        private void end() {
            while (!open.isEmpty()) {
                close(open.getFirst(), random.nextBoolean());
                check();
            }
            Lease all = cache.open("another", new int[] {1}, 1);
            assertThat(all.reserve((pages - 1) * pageTokens)).isTrue();
            assertThat(all.reserve((pages - 1) * pageTokens + 1)).isFalse();
            assertThat(cache.counters().free() + cache.counters().cached()).isZero();
            assertThat(cache.scopes()).isEqualTo(1);
            all.close(false);
            assertThat(cache.scopes()).isZero();
            assertThat(cache.counters().free()).isEqualTo(pages - 1);
        }
    }

    @Property(tries = 400)
    void pagesThatRunOut(
            @ForAll long seed,
            @ForAll @IntRange(min = 2, max = 12) int pages,
            @ForAll @IntRange(min = 1, max = 4) int pageTokens,
            @ForAll @IntRange(min = 0, max = 2) int hash,
            @ForAll boolean keeping) {
        World world = new World(seed, pages, pageTokens, hash, keeping);
        for (int i = 0; i < 150; i++) {
            world.step();
            world.check();
        }
        world.end();
    }

    /** With pages to spare, every token that was seen is reused. */
    @Property(tries = 300)
    void pagesThatAreNeverGivenUp(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 4) int pageTokens,
            @ForAll @IntRange(min = 0, max = 2) int hash) {
        World world = new World(seed, 3000, pageTokens, hash, true);
        for (int i = 0; i < 150; i++) {
            world.step();
            if (i % 10 == 0) {
                world.check();
            }
        }
        world.check();
        assertThat(world.cache.counters().evictions()).isZero();
        world.end();
    }
}
