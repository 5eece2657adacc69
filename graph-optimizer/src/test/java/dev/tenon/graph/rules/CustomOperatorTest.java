package dev.tenon.graph.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.UnaryFunction;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

/** The rules outlive the operators of users that they have met, and must not keep their classes. */
class CustomOperatorTest {
    /** Loads the class {@link Opposite} anew. */
    private static final class OwnLoader extends ClassLoader {
        private OwnLoader() {
            super(CustomOperatorTest.class.getClassLoader());
        }

        private UnaryFunction operator() throws IOException, ReflectiveOperationException {
            String name = Opposite.class.getName();
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                Class<?> own = defineClass(name, bytes, 0, bytes.length);
                return (UnaryFunction) own.getConstructor().newInstance();
            }
        }
    }

    @Test
    void itsClassIsCollectedAfterwards() throws Exception {
        WeakReference<ClassLoader> loader = optimized();
        for (int i = 0; i < 100 && loader.get() != null; i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertThat(loader.get()).isNull();
    }

    private static WeakReference<ClassLoader> optimized() throws Exception {
        UnaryFunction op = new OwnLoader().operator();
        assertThat(op).isNotInstanceOf(Opposite.class);
        GraphBuilder builder = new GraphBuilder("g");
        Value x = builder.input("x", (TensorType) ValueType.parse("f32[n,2]"));
        Value product = builder.add(new Mul(), builder.add(op, x), x);
        builder.output("y", builder.add(op, builder.add(new Relu(), product)));
        Graph graph = builder.build();
        assertThat(Pipeline.standard().apply(graph).nodes()).isNotEmpty();
        return new WeakReference<>(op.getClass().getClassLoader());
    }
}
