package dev.tenon.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.OpDefinition;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every operator of the standard is compared with the peer, or said to be tested elsewhere, and where. */
class EveryOperatorTest {
    private static Set<String> compared() {
        Set<String> all = new TreeSet<>();
        Families.all().forEach(f -> f.generators().keySet().forEach(entry -> all.add(Family.operator(entry))));
        return all;
    }

    @Test
    void isComparedOrListed() {
        Set<String> missing = new TreeSet<>();
        for (OpDefinition<?> d : Generators.OPERATORS.definitions()) {
            missing.add(d.schema().name());
        }
        missing.removeAll(compared());
        assertThat(Elsewhere.operators()).as("operators without a generator").isEqualTo(missing);
    }
}
