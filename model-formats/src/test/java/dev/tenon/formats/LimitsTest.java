package dev.tenon.formats;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import org.junit.jupiter.api.Test;

class LimitsTest {
    @Test
    void eachLimitIsChangedAlone() throws ReflectiveOperationException {
        Limits standard = Limits.defaults();
        for (RecordComponent limit : Limits.class.getRecordComponents()) {
            String name = limit.getName();
            Object seven = limit.getType() == int.class ? (Object) 7 : (Object) 7L;
            Object changed = Limits.class
                    .getMethod("with" + Character.toUpperCase(name.charAt(0)) + name.substring(1), limit.getType())
                    .invoke(standard, seven);
            for (RecordComponent each : Limits.class.getRecordComponents()) {
                Object expected =
                        each.getName().equals(name) ? seven : each.getAccessor().invoke(standard);
                assertThat(each.getAccessor().invoke(changed))
                        .as("%s, where %s is changed", each.getName(), name)
                        .isEqualTo(expected);
            }
        }
    }
}
