package dev.tenon.spring.boot;

import dev.tenon.error.InvalidPropertyException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Finds misspelt properties, which Spring would leave alone: the application would run without what they were to set. */
final class PropertyNames {
    /** All properties are below this one. */
    static final String PREFIX = "tenon.serving";

    private static final ConfigurationPropertyName SERVING = ConfigurationPropertyName.of(PREFIX);
    private static final ConfigurationPropertyName TENON = SERVING.getParent();
    /** A property beside {@value #PREFIX} counts as misspelt if so few letters make it one below. Tenon's own are further away. */
    private static final int SLIP = 2;

    private PropertyNames() {}

    /** The names of all properties. A {@code *} stands for the name of a model. */
    static List<String> all() {
        List<String> names = new ArrayList<>();
        collect(PREFIX, TenonProperties.class, names);
        return names;
    }

    private static void collect(String prefix, Class<?> type, List<String> names) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name = prefix + "." + DataObjectPropertyName.toDashedForm(component.getName());
            Class<?> value = component.getType();
            if (value == Map.class && component.getGenericType() instanceof ParameterizedType map) {
                name += ".*";
                value = (Class<?>) map.getActualTypeArguments()[1];
            }
            if (value.isRecord()) {
                collect(name, value, names);
            } else {
                names.add(name);
            }
        }
    }

    /** Throws an {@link InvalidPropertyException} for the first name that there is not. */
    static void check(ConfigurableEnvironment environment) {
        List<String> known = all();
        for (ConfigurationPropertySource source : ConfigurationPropertySources.from(environment.getPropertySources())) {
            if (source instanceof IterableConfigurationPropertySource names) {
                boolean variables = source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
                names.stream()
                        .filter(TENON::isAncestorOf)
                        .filter(name -> known.stream().noneMatch(k -> matches(k, name, variables)))
                        .forEach(name -> refuse(source, name, known));
            }
        }
    }

    /** Whether a name is a known one. Variables of the environment have the same sign for a dot and a dash. */
    private static boolean matches(String known, ConfigurationPropertyName name, boolean variable) {
        StringBuilder uniform = new StringBuilder();
        for (int i = 0; i < name.getNumberOfElements(); i++) {
            // A name of a model in brackets may have dots.
            uniform.append(variable || i == 0 ? "" : ".")
                    .append(name.getElement(i, Form.UNIFORM).replace(".", ""));
        }
        String pattern = known.replace("-", "");
        return uniform.toString()
                .matches(
                        variable
                                ? pattern.replace(".", "").replace("*", ".+")
                                : pattern.replace(".", "\\.").replace("*", "[^.]*"));
    }

    private static void refuse(ConfigurationPropertySource source, ConfigurationPropertyName name, List<String> known) {
        String nearest = known.stream()
                .map(k -> named(k, name))
                .min(Comparator.comparing((String k) -> !k.endsWith("." + name.getLastElement(Form.DASHED)))
                        .thenComparingInt(k -> changes(k, name.toString())))
                .orElseThrow();
        if (SERVING.isAncestorOf(name) || changes(nearest, name.toString()) <= SLIP) {
            throw new InvalidPropertyException(
                    name.toString(),
                    "there is no such property, in "
                            + source.getConfigurationProperty(name).getOrigin(),
                    String.join(", ", known),
                    "the nearest name is " + nearest);
        }
    }

    /** A known name with the name of the model that another name has at this place. */
    private static String named(String known, ConfigurationPropertyName name) {
        int at = List.of(known.split("\\.")).indexOf("*");
        if (at < 0 || at >= name.getNumberOfElements()) {
            return known;
        }
        String model = name.getElement(at, Form.ORIGINAL);
        return known.replace(".*", model.contains(".") ? "[" + model + "]" : "." + model);
    }

    /** The edit distance of Levenshtein. */
    private static int changes(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            int diagonal = i;
            for (int j = 0; j <= b.length(); j++) {
                int above = row[j];
                if (i == 0 || j == 0) {
                    row[j] = i + j;
                } else {
                    int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                    row[j] = Math.min(replaced, 1 + Math.min(above, row[j - 1]));
                }
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
