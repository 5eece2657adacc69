package dev.tenon.house;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The public API of a compiled module as lines of text: one per exported type and member, sorted. */
final class ApiText {
    private ApiText() {}

    /** The lines of the module whose classes lie in a folder; the classes must be on the class path too. */
    static List<String> of(Path classes) {
        ModuleDescriptor module = descriptor(classes);
        List<String> lines = new ArrayList<>();
        lines.add("module " + module.name());
        module.requires().stream()
                .filter(required -> required.modifiers().contains(ModuleDescriptor.Requires.Modifier.TRANSITIVE))
                .map(required -> "requires transitive " + required.name())
                .sorted()
                .forEach(lines::add);
        module.uses().stream().map(service -> "uses " + service).sorted().forEach(lines::add);
        module.provides().stream()
                .map(provided -> "provides " + provided.service())
                .sorted()
                .forEach(lines::add);
        module.exports().stream()
                .filter(exported -> !exported.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .sorted()
                .forEach(name -> addPackage(lines, classes, name));
        return lines;
    }

    private static ModuleDescriptor descriptor(Path classes) {
        try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
            return ModuleDescriptor.read(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void addPackage(List<String> lines, Path classes, String name) {
        lines.add("");
        lines.add("exports " + name);
        Path folder = classes.resolve(name.replace('.', '/'));
        for (Path file : House.files(folder)) {
            String simple = file.getFileName().toString();
            if (file.getParent().equals(folder) && simple.endsWith(".class") && !simple.equals("package-info.class")) {
                Class<?> type = load(name + '.' + simple.substring(0, simple.length() - ".class".length()));
                if (isApi(type)) {
                    addType(lines, type);
                }
            }
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, ApiText.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("compiled, but not on the class path: " + name, e);
        }
    }

    /** A nested type counts only if all types around it do. */
    private static boolean isApi(Class<?> type) {
        if (type.isAnonymousClass() || type.isLocalClass() || type.isSynthetic()) {
            return false;
        }
        boolean visible = type.accessFlags().contains(AccessFlag.PUBLIC)
                || type.accessFlags().contains(AccessFlag.PROTECTED);
        return visible && (type.getDeclaringClass() == null || isApi(type.getDeclaringClass()));
    }

    private static boolean isApi(Member member) {
        int modifiers = member.getModifiers();
        return (Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers)) && !member.isSynthetic();
    }

    private static void addType(List<String> lines, Class<?> type) {
        StringBuilder head = new StringBuilder(type.toGenericString());
        if (type.getGenericSuperclass() != null && type.getSuperclass() != Object.class && !type.isRecord()) {
            head.append(" extends ").append(type.getGenericSuperclass().getTypeName());
        }
        head.append(
                list(" implements ", Arrays.asList(type.getGenericInterfaces()), java.lang.reflect.Type::getTypeName));
        if (type.isSealed()) {
            head.append(list(" permits ", Arrays.asList(type.getPermittedSubclasses()), Class::getTypeName));
        }
        if (type.isRecord()) {
            head.append(list(
                    " components ",
                    Arrays.asList(type.getRecordComponents()),
                    part -> part.getGenericType().getTypeName() + ' ' + part.getName()));
        }
        lines.add(deprecated(type.isAnnotationPresent(Deprecated.class)) + head);

        List<String> members = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (isApi(field)) {
                members.add(deprecated(field.isAnnotationPresent(Deprecated.class))
                        + field.toGenericString().replace(type.getTypeName() + '.' + field.getName(), field.getName()));
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isApi(constructor)) {
                members.add(executable(constructor));
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isApi(method)) {
                members.add(executable(method));
            }
        }
        // Constants of an enum keep their order: it is part of what compareTo promises.
        if (type.isEnum()) {
            lines.add("    constants "
                    + Arrays.stream(type.getFields())
                            .filter(Field::isEnumConstant)
                            .map(Field::getName)
                            .collect(Collectors.joining(", ")));
        }
        members.stream()
                .sorted(Comparator.naturalOrder())
                .map(member -> "    " + member)
                .forEach(lines::add);
    }

    private static String executable(Executable executable) {
        return deprecated(executable.isAnnotationPresent(Deprecated.class)) + executable.toGenericString();
    }

    private static String deprecated(boolean is) {
        return is ? "@Deprecated " : "";
    }

    private static <T> String list(String before, Collection<T> items, java.util.function.Function<T, String> text) {
        return items.isEmpty() ? "" : before + items.stream().map(text).collect(Collectors.joining(", "));
    }
}
