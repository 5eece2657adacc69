package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.Op;
import dev.tenon.op.tabular.Binarizer;
import org.junit.jupiter.api.Test;

class OncePerOperatorTest {
    @Test
    void aValueIsMadeOnceForEachOperator() {
        OncePerOperator<Object> values = new OncePerOperator<>();
        Op op = new Binarizer(1);
        Op equal = new Binarizer(1);
        Object first = values.of(op, Object::new);
        assertThat(values.of(op, Object::new)).isSameAs(first);
        assertThat(values.of(equal, Object::new)).isNotSameAs(first);
        assertThat(values.size()).isEqualTo(2);
        assertThat(op).isEqualTo(equal);
    }

    @Test
    void valuesOfOperatorsThatAreGoneAreDropped() {
        OncePerOperator<Object> values = new OncePerOperator<>();
        for (int i = 0; i < 100; i++) {
            values.of(new Binarizer(i), Object::new);
        }
        Op last = new Binarizer(-1);
        long end = System.nanoTime() + 300_000_000_000L;
        while (values.size() > 1 && System.nanoTime() < end) {
            System.gc();
            values.of(last, Object::new);
        }
        assertThat(values.size()).isEqualTo(1);
    }
}
