package dev.tenon.graph.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graphs;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.fused.Composite;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each operator has a rule, is expanded, or has a stated reason why there is neither. */
class EveryGradientTest {
    @TestFactory
    Stream<DynamicTest> everyOperatorHasALine() {
        return Graphs.OPERATORS.definitions().stream()
                .map(d -> DynamicTest.dynamicTest(d.schema().qualifiedName(), () -> check(d)));
    }

    private static void check(OpDefinition<?> d) {
        Optional<GradientTable.Line> line = GradientTable.standard().line(d.type());
        if (Composite.class.isAssignableFrom(d.type())) {
            assertThat(line).as("it is expanded into its parts").isEmpty();
            return;
        }
        assertThat(line).as("a line in GradientTable").isPresent();
        switch (line.orElseThrow()) {
            case GradientTable.Constant constant ->
                assertThat(constant.reason()).isNotBlank();
            case GradientTable.Missing missing -> assertThat(missing.reason()).isNotBlank();
            case GradientTable.Derived derived -> assertThat(derived.rule()).isNotNull();
            case GradientTable.Expanded expanded ->
                assertThat(expanded.expansion()).isNotNull();
        }
    }
}
