/**
 * The jars as an application gets them: programs compiled and run against them, on the class path and on the module
 * path, in processes of their own.
 *
 * <p>What lives here: tests that need finished jars, which run after the packaging. What must not: tests of classes. A
 * new program to try lies in the folder {@code consumer} and has a test method here.
 */
package dev.tenon.samples.published;
