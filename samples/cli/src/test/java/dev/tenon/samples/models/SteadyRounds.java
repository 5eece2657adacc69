package dev.tenon.samples.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Calls of one session with several shapes, repeated in rounds. */
public final class SteadyRounds {
    private static final int ROUNDS = 5;
    private static final int MOST_COLLECTIONS = 100;

    private SteadyRounds() {}

    /**
     * Fails unless each round gives the bits of the first round, and no round after the second takes more native
     * memory.
     *
     * @param name the name of the model
     * @param session a session of one thread; worker threads allocate their scratch memory when they first get work
     * @param inputs the inputs of each call of a round
     */
    public static void check(String name, Session session, List<Map<String, Tensor>> inputs)
            throws InterruptedException {
        List<Map<String, Datum>> first = new ArrayList<>();
        for (Map<String, Tensor> input : inputs) {
            first.add(results(session.predict(input)));
        }
        check(name, session, inputs, first);
    }

    /**
     * Does the same check after a first round that has already run.
     *
     * @param name the name of the model
     * @param session the session of the first round
     * @param inputs the inputs of each call of a round
     * @param first the results of the first round
     */
    public static void check(
            String name, Session session, List<Map<String, Tensor>> inputs, List<Map<String, Datum>> first)
            throws InterruptedException {
        long after = 0;
        for (int round = 1; round < ROUNDS; round++) {
            for (int i = 0; i < inputs.size(); i++) {
                Outputs outputs = session.predict(inputs.get(i));
                for (Map.Entry<String, Datum> e : first.get(i).entrySet()) {
                    assertThat(same(outputs.get(e.getKey()), e.getValue()))
                            .as("%s, %s, round %d, the same as the first time", name, e.getKey(), round)
                            .isTrue();
                }
            }
            after = round == 1 ? settledNativeBytes() : after;
        }
        assertThat(leastNativeBytes(after))
                .as("%s, native bytes after round %d", name, ROUNDS)
                .isLessThanOrEqualTo(after);
    }

    private static Map<String, Datum> results(Outputs outputs) {
        Map<String, Datum> all = new LinkedHashMap<>();
        outputs.keySet().forEach(name -> all.put(name, outputs.get(name)));
        return all;
    }

    private static boolean same(Datum a, Datum b) {
        return switch (a) {
            case Tensor t -> t.contentEquals((Tensor) b);
            case TensorSequence s -> {
                TensorSequence other = (TensorSequence) b;
                boolean all = s.size() == other.size();
                for (int i = 0; all && i < s.size(); i++) {
                    all = same(s.get(i), other.get(i));
                }
                yield all;
            }
            case MapDatum m -> {
                MapDatum other = (MapDatum) b;
                yield m.asMap().keySet().equals(other.asMap().keySet())
                        && m.asMap().entrySet().stream()
                                .allMatch(e -> same(e.getValue(), other.asMap().get(e.getKey())));
            }
            default -> throw new AssertionError("an output of kind " + a.type());
        };
    }

    /** The native memory in use when a further garbage collection frees nothing. */
    private static long settledNativeBytes() throws InterruptedException {
        long before = nativeBytesAfterCollection();
        long now = nativeBytesAfterCollection();
        while (now < before) {
            before = now;
            now = nativeBytesAfterCollection();
        }
        return now;
    }

    /** The least native memory in use after some garbage collections, which end when no more than enough is in use. */
    private static long leastNativeBytes(long enough) throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < MOST_COLLECTIONS && least > enough; i++) {
            least = Math.min(least, nativeBytesAfterCollection());
        }
        return least;
    }

    private static long nativeBytesAfterCollection() throws InterruptedException {
        System.gc();
        // A thread hears of the collection, and frees the memory.
        Thread.sleep(20);
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
