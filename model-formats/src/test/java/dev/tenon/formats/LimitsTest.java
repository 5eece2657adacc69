package dev.tenon.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOptionException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitsTest {
    /** The methods that change a limit. */
    private static List<Method> changes() {
        List<Method> changes = new ArrayList<>();
        for (Method method : Limits.class.getMethods()) {
            if (method.getReturnType() == Limits.class && method.getParameterCount() == 1) {
                changes.add(method);
            }
        }
        assertThat(changes).hasSize(11);
        return changes;
    }

    private static Method limit(Method change) throws ReflectiveOperationException {
        return Limits.class.getMethod(change.getName());
    }

    private static Object number(Method change, int value) {
        return change.getParameterTypes()[0] == int.class ? (Object) value : (Object) (long) value;
    }

    @Test
    void eachLimitIsChangedAlone() throws ReflectiveOperationException {
        Limits standard = Limits.standard();
        for (Method change : changes()) {
            Object seven = number(change, 7);
            Limits changed = (Limits) change.invoke(standard, seven);
            for (Method each : changes()) {
                assertThat(limit(each).invoke(changed))
                        .as("%s after %s", limit(each).getName(), change.getName())
                        .isEqualTo(each.equals(change) ? seven : limit(each).invoke(standard));
            }
            assertThat(changed).isNotEqualTo(standard);
            Limits back = (Limits) change.invoke(changed, limit(change).invoke(standard));
            assertThat(back).isEqualTo(standard).hasSameHashCodeAs(standard);
        }
    }

    @Test
    void limitsArePositive() {
        for (Method change : changes()) {
            assertThatThrownBy(() -> change.invoke(Limits.standard(), number(change, 0)))
                    .isInstanceOf(InvocationTargetException.class)
                    .hasCauseInstanceOf(InvalidOptionException.class)
                    .cause()
                    .hasMessageContaining("Limits." + change.getName() + ": 0");
        }
        assertThatThrownBy(() -> Limits.standard().maxNesting(Limits.MAX_NESTING + 1))
                .isInstanceOf(InvalidOptionException.class);
    }
}
