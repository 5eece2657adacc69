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

/** Calls of one session that go through several shapes again and again. */
public final class SteadyRounds {
    private static final int ROUNDS = 5;

    private SteadyRounds() {}

    /**
     * Fails unless every round gives the bits of the first one and none after the second takes more native memory.
     *
     * @param what the model
     * @param session one of a single thread, of which memory is exact: others take their scratch when they first get work
     * @param inputs one call of each round each
     */
    public static void check(String what, Session session, List<Map<String, Tensor>> inputs)
            throws InterruptedException {
        List<Map<String, Datum>> first = new ArrayList<>();
        for (Map<String, Tensor> input : inputs) {
            first.add(results(session.predict(input)));
        }
        check(what, session, inputs, first);
    }

    /**
     * The same, with the results of a first round that was run already.
     *
     * @param what the model
     * @param session the session of the first round
     * @param inputs one call of each round each
     * @param first what they gave
     */
    public static void check(
            String what, Session session, List<Map<String, Tensor>> inputs, List<Map<String, Datum>> first)
            throws InterruptedException {
        long after = 0;
        for (int round = 1; round < ROUNDS; round++) {
            for (int i = 0; i < inputs.size(); i++) {
                Outputs outputs = session.predict(inputs.get(i));
                for (Map.Entry<String, Datum> e : first.get(i).entrySet()) {
                    assertThat(same(outputs.get(e.getKey()), e.getValue()))
                            .as("%s, %s, round %d, the same as the first time", what, e.getKey(), round)
                            .isTrue();
                }
            }
            after = round == 1 ? nativeBytes() : after;
        }
        assertThat(nativeBytes())
                .as("%s, native bytes after round %d", what, ROUNDS)
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

    /** Native memory in use once what is unreachable is gone. */
    private static long nativeBytes() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            Thread.sleep(50);
            least = Math.min(
                    least,
                    ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                            .filter(pool -> pool.getName().equals("direct"))
                            .mapToLong(BufferPoolMXBean::getMemoryUsed)
                            .sum());
        }
        return least;
    }
}
