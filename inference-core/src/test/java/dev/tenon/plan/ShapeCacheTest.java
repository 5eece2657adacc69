package dev.tenon.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ShapeCacheTest {
    private static final long MAX_WEIGHT = 100;

    /** A call with a shape. If the shape is not found, it is put in with a weight. */
    private record Call(int size, long weight) {}

    /** A cache with the same behaviour that uses a map of the JDK in access order. */
    private static final class Model {
        private final Map<Integer, Call> kept = new LinkedHashMap<>(16, 0.75f, true);

        private Call use(Call call) {
            Call found = kept.get(call.size());
            if (found == null) {
                kept.put(call.size(), call);
                while (kept.values().stream().mapToLong(Call::weight).sum() > MAX_WEIGHT && kept.size() > 1) {
                    kept.remove(kept.keySet().iterator().next());
                }
            }
            return found;
        }
    }

    @Provide
    Arbitrary<List<Call>> calls() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 60),
                        Arbitraries.longs().between(0, 30))
                .as(Call::new)
                .list()
                .ofMaxSize(300);
    }

    private static Datum[] inputs(int size) {
        return new Datum[] {Tensor.allocate(DType.FLOAT32, size, 2), Tensor.allocate(DType.INT64, size % 3)};
    }

    @Property(tries = 300)
    void removesTheLeastRecentlyUsed(@ForAll("calls") List<Call> calls) {
        ShapeCache<Call> cache = new ShapeCache<>(MAX_WEIGHT);
        Model model = new Model();
        for (Call call : calls) {
            Datum[] inputs = inputs(call.size());
            Call found = cache.get(inputs);
            if (found == null) {
                cache.put(ShapeKey.of(inputs), call, call.weight());
            }
            assertThat(found).isEqualTo(model.use(call));
            assertThat(cache.size()).isEqualTo(model.kept.size());
        }
    }

    @Test
    void keepsTheNewestEvenIfItIsTooHeavy() {
        ShapeCache<String> cache = new ShapeCache<>(0);
        cache.put(ShapeKey.of(inputs(1)), "one", 5);
        cache.put(ShapeKey.of(inputs(2)), "two", 1000);
        assertThat(cache.get(inputs(1))).isNull();
        assertThat(cache.get(inputs(2))).isEqualTo("two");
        assertThat(cache.size()).isEqualTo(1);
    }

    @Test
    void growsToManyEntries() {
        ShapeCache<Integer> cache = new ShapeCache<>(Long.MAX_VALUE);
        for (int i = 0; i < 5000; i++) {
            cache.put(ShapeKey.of(inputs(i)), i, 1);
        }
        for (int i = 0; i < 5000; i++) {
            assertThat(cache.get(inputs(i))).isEqualTo(i);
        }
        assertThat(cache.size()).isEqualTo(5000);
    }

    /** The value that goes is the least recently used one of both caches. */
    @Test
    void sharesABound() {
        ShapeCache<String> first = new ShapeCache<>(3);
        ShapeCache<String> second = new ShapeCache<>(first);
        assertThat(second.lock()).isSameAs(first.lock());
        first.put(ShapeKey.of(inputs(1)), "one", 1);
        second.put(ShapeKey.of(inputs(1)), "another", 1);
        first.put(ShapeKey.of(inputs(2)), "two", 1);
        assertThat(first.get(inputs(1))).isEqualTo("one");
        second.put(ShapeKey.of(inputs(3)), "three", 1);
        assertThat(second.get(inputs(1))).isNull();
        assertThat(second.keys()).containsExactly(ShapeKey.of(inputs(3)));
        assertThat(first.keys()).containsExactly(ShapeKey.of(inputs(2)), ShapeKey.of(inputs(1)));
        assertThat(first.weight()).isEqualTo(3);
        first.clear();
        assertThat(second.weight()).isEqualTo(1);
        assertThat(second.get(inputs(3))).isEqualTo("three");
        assertThat(first.keys()).isEmpty();
        second.put(ShapeKey.of(inputs(4)), "four", 3);
        assertThat(second.keys()).containsExactly(ShapeKey.of(inputs(4)));
    }

    @Test
    void canBeUsedAfterClear() {
        ShapeCache<String> cache = new ShapeCache<>(MAX_WEIGHT);
        cache.put(ShapeKey.of(inputs(1)), "one", MAX_WEIGHT);
        cache.clear();
        assertThat(cache.get(inputs(1))).isNull();
        assertThat(cache.size()).isZero();
        cache.put(ShapeKey.of(inputs(2)), "two", MAX_WEIGHT);
        assertThat(cache.get(inputs(2))).isEqualTo("two");
    }
}
