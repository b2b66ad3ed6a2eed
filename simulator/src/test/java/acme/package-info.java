/** Jobs as users write them, in packages of their own. */
package acme;
